//go:build !linux && !darwin

package server

import (
	"net"
	"os"
)

// peerUser trusts the access list of the data folder: this system does not
// tell who is at the other end of a socket.
func peerUser(net.Conn) (uid int, err error) { return os.Getuid(), nil }
