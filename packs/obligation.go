package packs

import (
	"embed"
	"io/fs"
)

//go:embed obligations/*.yaml
var obligations embed.FS

// Obligations returns the packs of duties that this program was built with. The
// obligation package reads and checks them.
func Obligations() fs.FS {
	sub, err := fs.Sub(obligations, "obligations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
