package notice

import (
	"fmt"
	"strings"
)

// A phrase is a text in both languages.
type phrase struct{ zh, en string }

func (p phrase) in(lang string) string {
	if lang == "zh" {
		return p.zh
	}
	return p.en
}

// product begins every title, so that a group robot that asks for a keyword
// can be given this one.
const product = "Stanch"

// say returns what an alarm of a reason says.
func (r Reason) say() phrase {
	switch r {
	case NewCase:
		return phrase{"有新案件", "new case"}
	case UnseenCase:
		return phrase{"案件还没有人打开", "nobody has opened this case yet"}
	case Leaking:
		return phrase{"数据仍在泄露", "data is still leaking"}
	case WatchTrouble:
		return phrase{"监视出了问题，请查看总览", "the watch needs attention; see the overview"}
	case TestAlarm:
		return phrase{"这是一条测试告警，通道可用", "this is a test; the channel works"}
	}
	return phrase{}
}

// Title returns the message in one line.
func (m Message) Title() string {
	title := product + " " + phrase{"止漏：", "alarm: "}.in(m.Lang) + m.Reason.say().in(m.Lang)
	if len(m.Items) == 1 && m.More == 0 {
		title += phrase{"，", ", "}.in(m.Lang) + m.Items[0].Name(m.Lang)
	}
	return title
}

// Markdown returns the message as group robots show it.
func (m Message) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n", m.Title())
	for _, i := range m.Items {
		shown := strings.TrimSpace(i.Name(m.Lang) + " " + i.Reason.say().in(m.Lang))
		fmt.Fprintf(&out, "\n- [%s](%s)\n", shown, i.Link)
	}
	if m.More > 0 {
		cases := phrase{"另有 %d 起案件", "%d more cases"}
		if len(m.Items) == 0 {
			cases = phrase{"共 %d 起案件", "%d cases"}
		}
		fmt.Fprintf(&out, "\n"+cases.in(m.Lang)+"\n", m.More)
	}
	fmt.Fprintf(&out, "\n[%s](%s)\n", phrase{"打开止漏", "Open Stanch"}.in(m.Lang), m.Link)
	return out.String()
}
