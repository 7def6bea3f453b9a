// Reads server-sent events as they come. A letter may be cut between two pieces of a body, and so may an event: one
// streaming decoder and a carry-over keep both whole.

// The blocks of text that an empty line ends, each as soon as it is whole; what is left at the end is none.
async function* blocks(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const whole = rest.split("\n\n");
      rest = whole.pop();
      yield* whole;
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever stops listening stops the work
  }
}

// The server-sent events of a response: {event, data}, where data is the JSON object that came.
export async function* events(response) {
  for await (const block of blocks(response)) {
    const lines = block.split("\n");
    const values = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
    const data = values("data").join("\n");
    if (data) yield { event: values("event")[0], data: JSON.parse(data) };
  }
}
