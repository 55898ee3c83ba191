package quality

import (
	"fmt"
	"io"
	"strings"

	"github.com/stanch/stanch/bench/corpus"
)

// Mean returns the mean recall of the classes in these groups, all but
// look-alikes, the POS log and what is encrypted if none is named.
func (t *Table) Mean(groups ...corpus.Group) (recall float64, classes int) {
	sum := 0.0
	for _, s := range t.Scores {
		if in(s.Group, groups) {
			sum += s.Recall()
			classes++
		}
	}
	if classes == 0 {
		return 0, 0
	}
	return sum / float64(classes), classes
}

func in(g corpus.Group, groups []corpus.Group) bool {
	for _, want := range groups {
		if g == want {
			return true
		}
	}
	return len(groups) == 0 && g != corpus.LookAlike && g != corpus.POS && g != corpus.Encrypted
}

// Zero lists the classes of which nothing was found.
func (t *Table) Zero() []string {
	var out []string
	for _, s := range t.Scores {
		if in(s.Group, nil) && s.Found == 0 {
			out = append(out, s.Class)
		}
	}
	return out
}

// LookAlikes returns the share of all look-alikes that were reported at high
// confidence, and at medium or high, and the class with the largest share at
// high.
func (t *Table) LookAlikes() (high, medium float64, worst Score) {
	highs, mediums, planted := 0, 0, 0
	for _, s := range t.Scores {
		if s.Group != corpus.LookAlike {
			continue
		}
		highs, mediums, planted = highs+s.High, mediums+s.Found, planted+s.Planted
		if worst.Class == "" || share(s.High, s.Planted) > share(worst.High, worst.Planted) {
			worst = s
		}
	}
	return share(highs, planted), share(mediums, planted), worst
}

// Class returns the score of one class; the zero Score if it was not made.
func (t *Table) Class(name string) Score {
	for _, s := range t.Scores {
		if s.Class == name {
			return s
		}
	}
	return Score{}
}

// Encrypted counts the encrypted files, and those of them that were named.
func (t *Table) Encrypted() (named, files int) {
	for _, s := range t.Scores {
		named, files = named+s.Named, files+s.Files
	}
	return named, files
}

// Print writes the table and the sums below it.
func (t *Table) Print(w io.Writer) {
	fmt.Fprintf(w, "family %s, seed %d\n", t.Family, t.Seed)
	group := corpus.Group("")
	for _, s := range t.Scores {
		if s.Group != group {
			group = s.Group
			t.printHead(w, group)
		}
		s.print(w)
	}
	t.printSums(w)
}

func (t *Table) printHead(w io.Writer, group corpus.Group) {
	if group == corpus.LookAlike {
		fmt.Fprintf(w, "\n%-22s %8s %8s %8s %8s %8s\n", strings.ToUpper(string(group)), "planted", "high", "high %", "medium+", "med+ %")
		return
	}
	fmt.Fprintf(w, "\n%-22s %8s %8s %8s %8s", strings.ToUpper(string(group)), "planted", "found", "recall", "false")
	if mean, n := t.Mean(group); n > 1 {
		fmt.Fprintf(w, "   mean recall %.1f %%", 100*mean)
	}
	fmt.Fprintln(w)
}

func (s Score) print(w io.Writer) {
	note := ""
	if s.Missing != "" {
		note = "   NOT MADE: " + s.Missing
	}
	switch s.Group {
	case corpus.LookAlike:
		fmt.Fprintf(w, "  %-20s %8d %8d %8.2f %8d %8.2f%s\n", s.Class, s.Planted, s.High, 100*share(s.High, s.Planted), s.Found, 100*share(s.Found, s.Planted), note)
	case corpus.Encrypted:
		fmt.Fprintf(w, "  %-20s %8d files, %d named as encrypted%s\n", s.Class, s.Files, s.Named, note)
	default:
		fmt.Fprintf(w, "  %-20s %8d %8d %7.1f%% %8d%s\n", s.Class, s.Planted, s.Found, 100*s.Recall(), s.False, note)
	}
}

func (t *Table) printSums(w io.Writer) {
	macro, n := t.Mean()
	fmt.Fprintf(w, "\nmacro recall        %6.2f %% of %d classes (want 95)\n", 100*macro, n)
	for _, sum := range []struct {
		name  string
		group corpus.Group
		want  float64
	}{{"ordinary text", corpus.Ordinary, 99.5}, {"wire formats", corpus.Wire, 98}} {
		mean, _ := t.Mean(sum.group)
		fmt.Fprintf(w, "%-19s %6.2f %% (want %g)\n", sum.name, 100*mean, sum.want)
	}
	fmt.Fprintf(w, "classes at zero     %6d %s\n", len(t.Zero()), strings.Join(t.Zero(), " "))
	high, medium, worst := t.LookAlikes()
	fmt.Fprintf(w, "look-alikes, high   %6.2f %% (want at most 0.5); worst class %s with %.2f %% (want at most 2); medium or high %.2f %%\n",
		100*high, worst.Class, 100*share(worst.High, worst.Planted), 100*medium)
	pos := t.Class("pos_log")
	fmt.Fprintf(w, "POS log             precision %.4f (want 0.995), recall %.4f (want 0.99)\n", pos.Precision(), pos.Recall())
	named, files := t.Encrypted()
	fmt.Fprintf(w, "encrypted           %d of %d files named\n", named, files)
	fmt.Fprintf(w, "not examined        %d lines on standard error\n", t.Refused)
}
