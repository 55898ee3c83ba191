// Command archive packs a binary with its licences and manuals into one file
// to download: a zip if its name ends so, else a tar.gz.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/stanch/stanch/packaging/pack"
)

func main() {
	out := flag.String("out", "", "file to write")
	folder := flag.String("folder", "", "folder inside the archive")
	epoch := flag.Int64("epoch", 0, "time of every entry, in Unix seconds")
	flag.Parse()
	if err := write(*out, *folder, time.Unix(*epoch, 0).UTC(), flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "archive: %v\n", err)
		os.Exit(1)
	}
}

// write packs files; the first is the program.
func write(out, folder string, at time.Time, names []string) error {
	if out == "" || folder == "" || len(names) == 0 {
		return errors.New("usage: archive -out FILE -folder NAME -epoch N BINARY [FILE]")
	}
	var files []pack.File
	for i, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f := pack.File{Name: path.Join(folder, filepath.Base(name)), Mode: 0o644, Body: body}
		if i == 0 {
			f.Mode = 0o755
		}
		files = append(files, f)
	}
	kind := pack.TarGz
	if strings.HasSuffix(out, ".zip") {
		kind = pack.Zip
	}
	var buf bytes.Buffer
	if err := kind(&buf, files, at); err != nil {
		return err
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}
