package pack

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"time"
)

// Deb writes a Debian package: control holds the files of the maintainer
// (control, conffiles, postinst …), data what is installed. The list of
// checksums that dpkg checks installed files against is added.
func Deb(w io.Writer, control, data []File, at time.Time) error {
	control = append([]File{{Name: "md5sums", Mode: 0o644, Body: sums(data)}}, control...)
	var inner, outer bytes.Buffer
	if err := TarGz(&inner, control, at); err != nil {
		return err
	}
	if err := TarGz(&outer, data, at); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "!<arch>\n"); err != nil {
		return err
	}
	members := []File{
		{Name: "debian-binary", Body: []byte("2.0\n")},
		{Name: "control.tar.gz", Body: inner.Bytes()},
		{Name: "data.tar.gz", Body: outer.Bytes()},
	}
	for _, m := range members {
		if err := arMember(w, m, at); err != nil {
			return fmt.Errorf("pack %s: %w", m.Name, err)
		}
	}
	return nil
}

// sums lists the MD5 of each file, which is what dpkg --verify reads; it says
// that a file is whole, not who made it. SHA256SUMS of the release does that.
func sums(files []File) []byte {
	var out bytes.Buffer
	for _, f := range sorted(files) {
		if f.Mode.IsRegular() {
			fmt.Fprintf(&out, "%x  %s\n", md5.Sum(f.Body), f.Name)
		}
	}
	return out.Bytes()
}

// arMember writes a member of an ar archive, padded to an even length.
func arMember(w io.Writer, f File, at time.Time) error {
	if _, err := fmt.Fprintf(w, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", f.Name, at.Unix(), 0, 0, 0o100644, len(f.Body)); err != nil {
		return err
	}
	body := f.Body
	if len(body)%2 == 1 {
		body = append(bytes.Clone(body), '\n')
	}
	_, err := w.Write(body)
	return err
}
