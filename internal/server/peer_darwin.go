package server

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

var errNoPeer = errors.New("peer of the socket is not known")

// peerUser returns the user id of the process at the other end.
func peerUser(conn net.Conn) (uid int, err error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return -1, errNoPeer
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var peer *unix.Xucred
	var failed error
	if err := raw.Control(func(fd uintptr) { peer, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED) }); err != nil {
		return -1, err
	}
	if failed != nil {
		return -1, failed
	}
	return int(peer.Uid), nil
}
