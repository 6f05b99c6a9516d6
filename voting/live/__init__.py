"""The live room: who looks at a running meeting is told, on a socket, that it has changed.

A socket carries a version, which is the length of the meeting's audit stream: the page then asks for itself
as its reader may see it. After a ballot it carries beside it the parts of the page that all who see the whole
meeting have alike, for these readers alone. So no socket can tell what a page would not, and a page whose
socket is away loses nothing but time.

`notifier` passes on that a meeting has changed, `hub` keeps the sockets of a process and sends them the
version, `shared` is what stands beside it, `access` says who may listen, and `sockets` has the addresses.
"""
