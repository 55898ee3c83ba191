package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestUnitState(t *testing.T) {
	tests := []struct {
		properties, line string
		running          bool
	}{
		{"LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=17\n", "runs, process 17 / 运行中", true},
		{"LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\n", "does not run: failed, failed / 未运行", false},
		{"LoadState=not-found\nActiveState=inactive\n", "not installed / 未安装", false},
		{"", "not installed / 未安装", false},
	}
	for _, tt := range tests {
		line, running := unitState(tt.properties)
		if line != tt.line || running != tt.running {
			t.Errorf("got %q, %v, want %q, %v", line, running, tt.line, tt.running)
		}
	}
}

// TestServiceFiles holds what is printed to what the package installs.
func TestServiceFiles(t *testing.T) {
	tests := map[string]string{
		"unit":     "ExecStart=/usr/bin/stanch serve --config /etc/stanch/stanch.yaml",
		"lock":     "ReadWritePaths=",
		"settings": "keys: /var/lib/stanch-keys",
		"steps":    "--print unit > /etc/systemd/system/stanch.service",
	}
	for name, want := range tests {
		var out bytes.Buffer
		if err := (&serviceInstallCmd{Print: name}).Run(&stdio{Out: &out}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("--print %s: got no %q in it", name, want)
		}
	}
}
