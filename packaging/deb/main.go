// Command deb builds the Debian package of a binary: program, unit, settings,
// licences, and what is done when it is installed or removed. It needs no
// Debian tools and gives the same bytes on every machine.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stanch/stanch/packaging/pack"
)

// inputs are what a package is made from.
type inputs struct {
	version, arch    string
	binary, licences string // paths
	at               time.Time
}

func main() {
	var in inputs
	flag.StringVar(&in.version, "version", "", "version of the release")
	flag.StringVar(&in.arch, "arch", "", "amd64 or arm64")
	flag.StringVar(&in.binary, "binary", "", "the program")
	flag.StringVar(&in.licences, "licences", "", "licences of what is in it")
	epoch := flag.Int64("epoch", 0, "time of every entry, in Unix seconds")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	in.at = time.Unix(*epoch, 0).UTC()
	if err := write(*out, in); err != nil {
		fmt.Fprintf(os.Stderr, "deb: %v\n", err)
		os.Exit(1)
	}
}

func write(out string, in inputs) error {
	if out == "" || in.version == "" || in.arch == "" {
		return errors.New("usage: deb -version V -arch A -binary F -licences F -epoch N -out F")
	}
	data, err := in.installed()
	if err != nil {
		return err
	}
	control, err := in.control(data)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := pack.Deb(&buf, control, data, in.at); err != nil {
		return err
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

// source is where the package's own files are.
const source = "packaging/debian/"

// settings is the one file of the package that belongs to the administrator.
const settings = "etc/stanch/stanch.yaml"

// installed lists what the package puts on a machine.
func (in inputs) installed() ([]pack.File, error) {
	places := []struct {
		from, to string
		mode     fs.FileMode
	}{
		{in.binary, "usr/bin/stanch", 0o755},
		{source + "stanch.service", "usr/lib/systemd/system/stanch.service", 0o644},
		{source + "lock.conf", "usr/share/stanch/lock.conf", 0o644},
		// It may come to hold the names of hosts and files; postinst gives the
		// service's group the right to read it.
		{source + "stanch.yaml", settings, 0o640},
		{source + "copyright", "usr/share/doc/stanch/copyright", 0o644},
		{in.licences, "usr/share/doc/stanch/THIRD-PARTY-LICENCES.txt", 0o644},
	}
	var files []pack.File
	for _, p := range places {
		body, err := os.ReadFile(filepath.FromSlash(p.from))
		if err != nil {
			return nil, err
		}
		files = append(files, pack.File{Name: p.to, Mode: p.mode, Body: body})
	}
	return files, nil
}

// control lists what dpkg reads.
func (in inputs) control(data []pack.File) ([]pack.File, error) {
	text, err := os.ReadFile(source + "control")
	if err != nil {
		return nil, err
	}
	size := 0
	for _, f := range data {
		size += (len(f.Body) + 1023) / 1024
	}
	fill := strings.NewReplacer("@VERSION@", debianVersion(in.version), "@ARCH@", in.arch, "@SIZE@", strconv.Itoa(size))
	files := []pack.File{
		{Name: "control", Mode: 0o644, Body: []byte(fill.Replace(string(text)))},
		{Name: "conffiles", Mode: 0o644, Body: []byte("/" + settings + "\n")},
	}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		body, err := os.ReadFile(source + name)
		if err != nil {
			return nil, err
		}
		files = append(files, pack.File{Name: name, Mode: 0o755, Body: body})
	}
	return files, nil
}

// debianVersion writes a version so that what comes before a release sorts
// before it: 1.0.0-rc.1 becomes 1.0.0~rc.1.
func debianVersion(v string) string { return strings.ReplaceAll(v, "-", "~") }
