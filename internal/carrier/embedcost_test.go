//go:build unix

package carrier

import (
	"bytes"
	"context"
	"syscall"
	"testing"
)

// cpuOf returns the time this process has used: with other work on the machine
// the clock on the wall says little.
func cpuOf() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func benchProbe(b *testing.B, content []byte) {
	x := &examination{emit: func(*Match) {}, registry: Builtin(), meter: meter{ctx: context.Background(), budget: DefaultBudget(), input: 1 << 40, sized: true}}
	b.SetBytes(int64(len(content)))
	start := cpuOf()
	for b.Loop() {
		p := x.probe(&flow{})
		for at := 0; at < len(content); at += maxBlock {
			p.write(content[at:min(len(content), at+maxBlock)])
		}
		p.close()
	}
	b.ReportMetric(float64(cpuOf()-start)/float64(b.N)/float64(len(content)), "cpu-ns/B")
}

// BenchmarkBytes is a loop that looks at each byte once: what other figures of
// a busy machine are to be read beside.
func BenchmarkBytes(b *testing.B) {
	content := randomBytes(4<<20, 1)
	start, n := cpuOf(), 0
	for b.Loop() {
		for _, c := range content {
			n += int(c)
		}
	}
	b.ReportMetric(float64(cpuOf()-start)/float64(b.N)/float64(len(content)), "cpu-ns/B")
	if n == 0 {
		b.Error("no bytes")
	}
}

func BenchmarkProbeWebLog(b *testing.B) { benchProbe(b, webLog(4<<20)) }
func BenchmarkProbeNoise(b *testing.B)  { benchProbe(b, randomBytes(4<<20, 1)) }
func BenchmarkProbeZeros(b *testing.B)  { benchProbe(b, make([]byte, 4<<20)) }
func BenchmarkProbeDNA(b *testing.B)    { benchProbe(b, bytes.Repeat([]byte("ACGTTGCAAC"), 400_000)) }
func BenchmarkProbePicture(b *testing.B) {
	benchProbe(b, []byte("<img src=\"data:image/png;base64,"+b64("\x89PNG\r\n\x1a\n"+string(randomBytes(3<<20, 2)))+"\">"))
}
