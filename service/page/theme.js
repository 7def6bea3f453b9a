// Sets the chosen theme before anything is drawn: a classic script, because a module would come too late.

try {
  const theme = JSON.parse(localStorage.getItem("sourcier.theme"));
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // the system's theme, then
}
