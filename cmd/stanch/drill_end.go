package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (x *exercise) rescan(ctx context.Context) (string, error) {
	places := 0
	for _, id := range x.cases {
		var out struct {
			Places int
			Left   []string
		}
		if err := x.responder.call(ctx, http.MethodPost, "/cases/"+id+"/rescan", nil, &out); err != nil {
			return "", err
		}
		if len(out.Left) > 0 {
			return "", fmt.Errorf("%d places still hold card data", len(out.Left))
		}
		places += out.Places
	}
	x.result.ToContain = time.Since(x.leaked).Seconds()
	return fmt.Sprintf("%d places", places), nil
}

// close answers what is open on each case, with its plans as evidence, and
// closes it. A case that is not ready has to refuse first.
func (x *exercise) close(ctx context.Context) (string, error) {
	for _, id := range x.cases {
		var refused *refusal
		err := x.owner.call(ctx, http.MethodPost, "/cases/"+id+"/close", reason("too early"), nil)
		if !errors.As(err, &refused) || refused.Status != http.StatusConflict {
			return "", fmt.Errorf("close before the gates: want a refusal, got %w", err)
		}
		if err := x.settle(ctx, id); err != nil {
			return "", err
		}
		if err := x.owner.call(ctx, http.MethodPost, "/cases/"+id+"/close", reason("drill: planted files found, sealed, taken away"), nil); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d cases", len(x.cases)), nil
}

func (x *exercise) settle(ctx context.Context, id string) error {
	var board struct {
		Missing []struct{ What, Item string }
	}
	if err := x.owner.call(ctx, http.MethodGet, "/cases/"+id+"/board", nil, &board); err != nil {
		return err
	}
	var plans struct{ Items []drilledPlan }
	if err := x.owner.call(ctx, http.MethodGet, "/cases/"+id+"/plans", nil, &plans); err != nil {
		return err
	}
	var proof []string
	for _, p := range plans.Items {
		proof = append(proof, p.ID)
	}
	answers := map[string]string{"sad_stored": "found_listed", "source_found": "found_proved", "removal_decided": "removed_and_fixed", "rescan_clean": "clean"}
	for _, gap := range board.Missing {
		mark := map[string]any{"what": gap.What, "item": gap.Item, "state": "not_needed", "reason": "drill", "evidence": proof}
		if gap.What == "gate" {
			mark["state"] = answers[gap.Item]
		}
		if err := x.owner.call(ctx, http.MethodPost, "/cases/"+id+"/marks", mark, nil); err != nil {
			return fmt.Errorf("%s %s: %w", gap.What, gap.Item, err)
		}
	}
	return nil
}

// verify checks the whole record, with the key that the drill made.
func (x *exercise) verify(ctx context.Context) (string, error) {
	verdict, err := x.centre.Store.Verify(ctx, x.centre.Keys.Verifier)
	if err != nil {
		return "", err
	}
	rows, err := x.centre.Store.VerifyDeep(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries, %d rows replayed", verdict.Size, rows), nil
}

// hunt searches what Stanch wrote for the planted numbers, in the forms in
// which numbers hide. Evidence is encrypted, so it is searched as well.
func (x *exercise) hunt(context.Context) (string, error) {
	var needles [][]byte
	for _, l := range x.leaks {
		for _, pan := range l.cards {
			needles = append(needles, disguises(pan)...)
		}
	}
	files := 0
	for _, dir := range []string{"data", "keys", "log.txt"} {
		err := filepath.WalkDir(filepath.Join(x.dir, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for _, needle := range needles {
				if bytes.Contains(content, needle) {
					return fmt.Errorf("a planted card number stands in %s", filepath.Base(path))
				}
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d files searched for %d numbers in 6 forms", files, len(needles)/len(disguises("0000000000000000"))), nil
}

// disguises returns the forms in which a number is looked for: plain, hex,
// BCD, base64, UTF-16 in both orders.
func disguises(pan string) [][]byte {
	bcd, _ := hex.DecodeString(pan + strings.Repeat("F", len(pan)%2)) // digits and F are hex
	var little, big []byte
	for _, b := range []byte(pan) {
		little, big = append(little, b, 0), append(big, 0, b)
	}
	return [][]byte{
		[]byte(pan), []byte(hex.EncodeToString([]byte(pan))), bcd, []byte(base64.RawStdEncoding.EncodeToString([]byte(pan))[:20]), little, big,
	}
}
