package server

import (
	"testing"

	"github.com/stanch/stanch/internal/config"
)

func TestOwnHost(t *testing.T) {
	tests := []struct {
		listen, host string
		hosts        []string
		want         bool
	}{
		{"127.0.0.1:8420", "127.0.0.1:8420", nil, true},
		{"127.0.0.1:8420", "localhost:8420", nil, true},
		{"127.0.0.1:8420", "[::1]:8420", nil, true},
		{"127.0.0.1:8420", "evil.example:8420", nil, false},
		{"127.0.0.1:8420", "127.0.0.1:9999", nil, false},
		{"127.0.0.1:8420", "127.0.0.1", nil, false},
		{"127.0.0.1:8420", "stanch.example", []string{"stanch.example"}, true},
		{"127.0.0.1:8420", "192.0.2.7:8420", nil, false},
		{"127.0.0.1:8420", "", nil, false},
		{"0.0.0.0:8420", "192.0.2.7:8420", nil, true},
		{"0.0.0.0:8420", "evil.example:8420", nil, false},
		{"0.0.0.0:443", "192.0.2.7", nil, true},
		{"192.0.2.7:8420", "192.0.2.7:8420", nil, true},
		{"192.0.2.7:8420", "192.0.2.8:8420", nil, false},
	}
	for _, test := range tests {
		c := &config.Config{Listen: test.listen, Hosts: test.hosts}
		if got := ownHost(c, test.host); got != test.want {
			t.Errorf("listen %s, host %q: got %v, want %v", test.listen, test.host, got, test.want)
		}
	}
}
