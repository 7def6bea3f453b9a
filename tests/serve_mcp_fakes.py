"""The tools over fakes, on standard input and output: what a client of the protocol starts."""

from http_fakes import AFGHANISTAN, IRAQ, services, settings

from service.mcp_server import tools

tools(services(IRAQ, AFGHANISTAN), settings()).run("stdio")
