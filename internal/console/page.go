package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/stanch/stanch/packs"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pages holds the templates of one language: each page's file joined with the
// layout and the shared parts.
type pages struct {
	byName map[string]*template.Template
}

// sharedParts are the files that every page may use.
var sharedParts = []string{"pages/layout.html", "pages/parts.html"}

func loadPages(t *tongue, a *assets) (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}}
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "layout.html") || strings.HasSuffix(name, "parts.html") {
			continue
		}
		page, err := template.New("layout.html").Funcs(funcs(t, a)).ParseFS(pageFiles, append(sharedParts, name)...)
		if err != nil {
			return nil, fmt.Errorf("load page %s: %w", name, err)
		}
		p.byName[strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".html")] = page
	}
	return p, nil
}

// funcs are what templates may call. None reads a store.
func funcs(t *tongue, a *assets) template.FuncMap {
	return template.FuncMap{
		"t":     t.say,
		"tk":    t.sayOf,
		"tn":    t.count,
		"num":   t.word,
		"asset": a.path,
		"show":  visible,
		"prose": prose,
		"text":  func(x packs.Text) string { return x.In(t.lang) },
		"lines": func(x packs.Text) []string { return x.Lines(t.lang) },
		"join":  t.join,
		"lang":  func() string { return t.lang },
		"moment": func(zone *time.Location, micros int64) template.HTML {
			return t.moment(zone, micros, "2 Jan 2006, 15:04", "2006年1月2日 15:04")
		},
		"exact": func(zone *time.Location, micros int64) template.HTML {
			return t.moment(zone, micros, "2 Jan 2006, 15:04:05", "2006年1月2日 15:04:05")
		},
		"icon": func(name string) template.HTML {
			return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` + a.path("icons.svg") + `#` + name + `"></use></svg>`)
		},
		"list": func(words ...string) []string { return words },
		"dict": func(pairs ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				m[fmt.Sprint(pairs[i])] = pairs[i+1]
			}
			return m
		},
	}
}

// moment writes a time as a person in the site's zone reads it, with the UTC
// form as its title and in the machine-readable attribute. The result holds
// only digits and words of ours.
func (t *tongue) moment(zone *time.Location, micros int64, en, zh string) template.HTML {
	if micros == 0 {
		return template.HTML(template.HTMLEscapeString(t.say("time.none")))
	}
	at := time.UnixMicro(micros)
	utc := at.UTC()
	local := at.In(zone)
	text := local.Format(en)
	if t.lang == "zh" {
		text = local.Format(zh)
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s UTC">%s</time>`,
		utc.Format(time.RFC3339), utc.Format("2006-01-02 15:04:05"), template.HTMLEscapeString(text)))
}

// span says a length of time in the largest unit that fits: "12 minutes".
func (t *tongue) span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Minute:
		return t.count("span.seconds", int(d/time.Second))
	case d < 2*time.Hour:
		return t.count("span.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return t.count("span.hours", int(d/time.Hour))
	}
	return t.count("span.days", int(d/(24*time.Hour)))
}

// A Frame is what the layout shows around every page.
type Frame struct {
	Title     string
	Nav       string // which entry of the menu is marked
	Self      string // address that the live parts are fetched from again; empty if the page has none
	Lang      string
	Other     string // the other language
	Zone      *time.Location
	Now       int64
	Unseen    int64  // cases nobody opened
	Said      string // key of what was just done
	Problem   string // sentence on what went wrong
	Person    string // who is signed in; empty if nobody is
	Role      string
	May       map[string]bool // actions, by name
	Bare      bool            // no menu: sign-in, first run
	OnePerson bool
	Absent    bool // no proof of presence holds: what needs one is asked for first
}

// frame is how render fills in what a page shows of the layout.
func (f *Frame) frame() *Frame { return f }

// framed is a page: a struct that embeds a Frame.
type framed interface{ frame() *Frame }

// render writes a page whole or not at all.
func (v *visit) render(name string, status int, page framed) error {
	if err := v.fill(page.frame()); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.c.pages[v.tongue.lang].byName[name].Execute(&b, page); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", map[string]string{"zh": "zh-CN", "en": "en"}[v.tongue.lang])
	h.Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_, err := v.w.Write(b.Bytes())
	if err != nil {
		return nil // the visitor left
	}
	return nil
}

// show is render for a page that is as it should be.
func (v *visit) show(name string, page framed) error { return v.render(name, http.StatusOK, page) }
