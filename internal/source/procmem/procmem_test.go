package procmem

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

const maps = `55d0c0a00000-55d0c0a02000 r--p 00000000 fe:00 1234                       /usr/bin/till
55d0c0a02000-55d0c0a03000 rw-p 00002000 fe:00 1234                       /usr/bin/till
55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000021000 rw-p 00000000 00:00 0
7f0000021000-7f0000022000 ---p 00000000 00:00 0
7f0000100000-7f0000101000 rw-s 00000000 00:05 99                         /dev/dri/card0
7f0000200000-7f0000201000 rw-s 00000000 00:05 98                         /dev/shm/till queue
7f0000300000-7f0000301000 r--p 00000000 00:05 97                         /memfd:slips (deleted)
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7ffc00100000-7ffc00104000 r--p 00000000 00:00 0                          [vvar]
7ffc00104000-7ffc00106000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`

func TestRegionsWorthReading(t *testing.T) {
	regions, err := parse(strings.NewReader(maps))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range regions {
		got = append(got, r.Shown())
	}
	want := []string{"55d0c0a02000-55d0c0a03000(till)", "55d0c1000000-55d0c1021000(heap)", "7f0000000000-7f0000021000(anonymous)",
		"7f0000200000-7f0000201000(till queue)", "7f0000300000-7f0000301000(memfd:slips)", "7ffc00000000-7ffc00021000(stack)"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBadMaps(t *testing.T) {
	for _, text := range []string{"x", "1-2 rw-p 0", "zz-2 rw-p 0 0 0", "2-1 rw-p 0 0 0", "1-2 r 0 0 0", strings.Repeat("x", 70<<10)} {
		if _, err := parse(strings.NewReader(text)); !errors.Is(err, ErrMaps) {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
}

func FuzzMaps(f *testing.F) {
	f.Add([]byte(maps))
	f.Fuzz(func(t *testing.T, text []byte) {
		regions, _ := parse(bytes.NewReader(text))
		for _, r := range regions {
			if r.Start < 0 || r.End <= r.Start {
				t.Errorf("got the region %+v", r)
			}
		}
	})
}
