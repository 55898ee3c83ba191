package corpus

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"time"
)

func archiveClasses() []Class {
	packed := func(name, ending string, pack func(m *maker, inner string, data []byte) []byte) Class {
		return boxed(name, Archive, func(m *maker, pans []string) (string, []byte) {
			return ending, pack(m, m.stem()+".log", []byte(m.log(pans)))
		})
	}
	tool := func(name, ending string, command ...string) Class {
		return packed(name, ending, func(m *maker, inner string, data []byte) []byte { return m.tool(inner, data, command...) })
	}
	return []Class{
		packed("zip_stored", ".zip", func(m *maker, inner string, data []byte) []byte {
			if m.index == filesEach-1 { // another writer, which knows sizes before it writes
				return m.tool(inner, data, "7z", "a", "-bd", "-tzip", "-mx=0", "OUT", "IN")
			}
			return m.zip(inner, data, zip.Store)
		}),
		packed("zip_deflated", ".zip", func(m *maker, inner string, data []byte) []byte {
			if m.index == filesEach-1 {
				return m.tool(inner, data, "7z", "a", "-bd", "-tzip", "-mx=9", "OUT", "IN")
			}
			return m.deflated(inner, data)
		}),
		packed("zip_in_zip", ".zip", func(m *maker, inner string, data []byte) []byte {
			return m.zip("inner.zip", m.deflated(inner, data), zip.Store)
		}),
		packed("five_deep", ".zip", fiveDeep),
		packed("tar", ".tar", (*maker).tar),
		packed("tgz", ".tgz", func(m *maker, inner string, data []byte) []byte { return m.gzip("", m.tar(inner, data)) }),
		packed("tgz_in_zip", ".zip", func(m *maker, inner string, data []byte) []byte {
			return m.zip("logs.tar.gz", m.gzip("", m.tar(inner, data)), zip.Store)
		}),
		packed("gz", ".log.gz", func(m *maker, inner string, data []byte) []byte {
			if m.index == filesEach-1 { // as log rotation appends: two members, one after the other
				half := len(data) / 2
				return append(m.gzip(inner, data[:half]), m.gzip(inner, data[half:])...)
			}
			return m.gzip(inner, data)
		}),
		packed("gz_no_ending", "", func(m *maker, _ string, data []byte) []byte { return m.gzip("", data) }),
		tool("bz2", ".log.bz2", "bzip2", "-c", "IN"),
		tool("xz", ".log.xz", "xz", "-c", "IN"),
		tool("zst", ".log.zst", "zstd", "-q", "-c", "IN"),
		tool("lz4", ".log.lz4", "lz4", "-q", "-c", "IN"),
		tool("7z", ".7z", "7z", "a", "-bd", "-mtm=off", "OUT", "IN"),
		encrypted("zip_encrypted", ".zip", []string{"7z", "a", "-tzip", "-mem=ZipCrypto", "-psecret", "OUT", "IN"}, []string{"7z", "a", "-tzip", "-mem=AES256", "-psecret", "OUT", "IN"}),
	}
}

// encrypted is a container that nobody can look into. It must be named.
func encrypted(name, ending string, commands ...[]string) Class {
	c := boxed(name, Encrypted, func(m *maker, pans []string) (string, []byte) {
		return ending, m.tool(m.stem()+".log", []byte(m.log(pans)), commands[m.index%len(commands)]...)
	})
	return c
}

func (m *maker) stem() string { return m.stems[m.index%len(m.stems)] }

// packedAt is the time that containers give for what is in them.
var packedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// zip packs a file, and a second one beside it.
func (m *maker) zip(inner string, data []byte, method uint16) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, member := range []struct {
		name string
		data []byte
	}{{"README.txt", []byte(m.prose(200))}, {"var/" + inner, data}} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: member.name, Method: method, Modified: packedAt})
		must(err)
		write(f, member.data)
	}
	must(w.Close())
	return buf.Bytes()
}

func (m *maker) deflated(inner string, data []byte) []byte { return m.zip(inner, data, zip.Deflate) }

func (m *maker) tar(inner string, data []byte) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	must(w.WriteHeader(&tar.Header{Name: "var/log/", Typeflag: tar.TypeDir, Mode: 0o755, ModTime: packedAt}))
	must(w.WriteHeader(&tar.Header{Name: "var/log/" + inner, Mode: 0o644, Size: int64(len(data)), ModTime: packedAt}))
	write(w, data)
	must(w.Close())
	return buf.Bytes()
}

func (m *maker) gzip(inner string, data []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Name = inner
	write(w, data)
	must(w.Close())
	return buf.Bytes()
}

// fiveDeep packs five times: zips alone, or one kind in another.
func fiveDeep(m *maker, inner string, data []byte) []byte {
	if m.tunes() == (m.index%2 == 0) {
		for i := range 4 {
			data = m.deflated(inner, data)
			inner = fmt.Sprintf("level%d.zip", i)
		}
		return m.deflated(inner, data)
	}
	data = m.deflated(inner, data)
	data = m.gzip("", m.tar("a.zip", data))
	data = m.zip("b.tar.gz", data, zip.Store)
	return m.deflated("c.zip", data)
}

// must ends the program: writing to memory does not go wrong.
func must(err error) {
	if err != nil {
		panic("corpus: write to memory: " + err.Error())
	}
}

func write(w io.Writer, data []byte) {
	_, err := w.Write(data)
	must(err)
}
