package carrier

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"slices"
	"testing"
)

// TestLayers holds the ledger of bytes to what was put in at each depth.
func TestLayers(t *testing.T) {
	gz := func(content string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, content)
		w.Close()
		return b.String()
	}
	long, short := line(1)+line(2), line(3)
	packed, secret := gz(long), "-----BEGIN PGP MESSAGE-----\n\nhQ\n"
	archive := string(zipped(t, zip.Deflate, file{"a.log", short}, file{"b.log.gz", packed}, file{"c.pgp", secret}))
	cut := packed[:len(packed)-9]
	size := func(parts ...string) (n int64) {
		for _, p := range parts {
			n += int64(len(p))
		}
		return n
	}
	tests := []struct {
		name, content string
		want          []Layer
	}{
		{"plain", short, []Layer{{size(short), size(short), 0, 0}}},
		{"packed", packed, []Layer{{size(packed), size(packed), 0, 0}, {size(long), size(long), 0, 0}}},
		{"archive", archive, []Layer{
			{size(archive), size(archive), 0, 0}, {size(short, packed, secret), size(short, packed), size(secret), 0}, {size(long), size(long), 0, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, _ := examine(t, tt.name, []byte(tt.content), Options{})
			if !slices.Equal(report.Layers, tt.want) {
				t.Errorf("got %+v, want %+v", report.Layers, tt.want)
			}
			apart := Options{Apart: func(ctx context.Context, in Input, budget Budget, emit func(*Match)) (Report, error) {
				return Examine(ctx, in, Options{Budget: budget}, emit)
			}}
			if report, _ = examine(t, tt.name, []byte(tt.content), apart); !slices.Equal(report.Layers, tt.want) {
				t.Errorf("apart: got %+v, want %+v", report.Layers, tt.want)
			}
			if tt.name == "archive" {
				return // it is read from its end
			}
			stream := Input{Name: tt.name, R: bytes.NewReader([]byte(tt.content)), Size: -1}
			if report, _ = examineInput(t, stream, Options{}); !slices.Equal(report.Layers, tt.want) {
				t.Errorf("of unknown size: got %+v, want %+v", report.Layers, tt.want)
			}
		})
	}
	t.Run("cut", func(t *testing.T) {
		report, _ := examine(t, "cut", []byte(cut), Options{})
		if len(report.Layers) == 0 || report.Layers[0].Found != size(cut) || report.Refused == 0 {
			t.Errorf("got %+v, want %d bytes found and something refused", report, size(cut))
		}
	})
}
