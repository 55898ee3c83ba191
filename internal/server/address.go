package server

import (
	"net"
	"net/netip"
	"os"
)

// Address is how a browser reaches the centre: on this machine if it listens
// here alone, and otherwise by a name that others in the house can use.
func (c *Centre) Address() string {
	scheme := "http://"
	if c.secure {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(c.Config.Listen)
	ip, plain := netip.ParseAddr(host)
	if err != nil || host != "" && (plain != nil || !ip.IsUnspecified()) {
		return scheme + c.Config.Listen
	}
	return scheme + net.JoinHostPort(ownName(), port)
}

// ownName returns the first address of this machine that others can reach, or
// its name.
func ownName() string {
	own, err := net.InterfaceAddrs()
	for _, a := range own {
		if n, ok := a.(*net.IPNet); err == nil && ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "localhost"
}
