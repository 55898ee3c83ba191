package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version of a released build, set by the linker.
var release = ""

// versionCmd prints what this binary is.
type versionCmd struct {
	JSON bool `help:"Print JSON. / 输出 JSON。"`
}

// Run prints the version, the Go release and the platform.
func (c *versionCmd) Run(io *stdio) error {
	v := struct {
		Version  string `json:"version"`
		Go       string `json:"go"`
		Platform string `json:"platform"`
	}{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(v)
	}
	_, err := fmt.Fprintf(io.Out, "stanch %s (%s, %s)\n", v.Version, v.Go, v.Platform)
	return err
}

// version is the released version, or what the Go tool recorded of the build.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
