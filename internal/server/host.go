package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/stanch/stanch/internal/config"
)

// hostGuard refuses requests whose Host is none of the centre's own names: a
// page elsewhere can point a name of its own at this machine and have a
// browser here send the link of the first run, or a session, to us.
func hostGuard(c *config.Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(c, r.Host) {
			say(w, http.StatusMisdirectedRequest, "this name is not the centre's; use the address that it printed, or add the name to hosts in the settings file")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost reports whether host, with or without a port, is a name of ours:
// one from the settings, the listen address, and on loopback or where every
// address is listened on, localhost and plain addresses.
func ownHost(c *config.Config, host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), ""
	}
	name = strings.ToLower(name)
	if slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, name) || strings.EqualFold(h, host) }) {
		return true
	}
	listen, listenPort, err := net.SplitHostPort(c.Listen)
	if err != nil || port != listenPort && (port != "" || listenPort != "80" && listenPort != "443") {
		return false
	}
	ip, bad := netip.ParseAddr(name)
	local := name == "localhost" || bad == nil && ip.IsLoopback()
	bound, unbound := netip.ParseAddr(listen)
	switch {
	case strings.EqualFold(name, listen):
		return true
	case listen == "localhost", unbound == nil && bound.IsLoopback():
		return local
	case listen == "", unbound == nil && bound.IsUnspecified():
		return local || bad == nil || slices.ContainsFunc(names(""), func(n string) bool { return strings.EqualFold(n, name) })
	}
	return false
}
