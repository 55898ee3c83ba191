package corpus

import (
	"fmt"
	"strings"
)

// posForms are the lines of a terminal host's log. In those that hold no
// number there is much that looks like one.
var posForms = map[Family]struct{ cards, others []string }{
	Tuning: {
		cards: lines(`
~stamp~ 0200 DE2=~pan~ DE4=~amount~ DE11=~stan~ DE37=~rrn~ DE41=~tid~
~stamp~ AUTH ~pan~ ~amt~ ~stan~ ~rrn~ APPROVED
~stamp~ >> MTI 0100 PAN ~pan~ EXP ~yymm~ STAN ~stan~
~stamp~ TRACK2 ~track~
~stamp~ ~tid~ ~mid~ ~pan~ ~amount~ ~stan~ ~rrn~ 00
D;~mid~;~pan~;~yymm~;~amount~;~rrn~;~auth~
~stamp~ SALE ~tid~ ~mid~ #~stan~ ~pan~ ~amt~
~stamp~ 商户编号 ~mid~ 卡号 ~pan~ 凭证号 ~stan~ 金额 ~amt~
<isomsg><field id="0" value="0200"/><field id="2" value="~pan~"/><field id="4" value="~amount~"/><field id="42" value="~mid~"/></isomsg>`),
		others: lines(`
~short~ 0200 ~stan~ ~rrn~ ~amount~
~short~ 0210 ~stan~ ~rrn~ 00 ~tid~
~stamp~ << MTI 0110 RRN ~rrn~ STAN ~stan~ RC 00 ~masked~
~stamp~ BATCH ~batch~ TOTAL ~amount~ COUNT ~id~
~stamp~ MAC=~mac~ KSN=~ksn~
~stamp~ RECEIPT ~long~ TERMINAL ~tid~ MID ~mid~
~stamp~ epoch=~epoch~ seq=~long~
~stamp~ void of ~masked~ ref ~rrn~
~stamp~ ~tid~ ~mid~ ~masked~ ~amount~ ~stan~ ~rrn~ 51
S;~mid~;~tid~;~batch~;~amount~;~rrn~
~stamp~ REVERSAL OF ~rrn~~stan~ ~tid~
~stamp~ 商户编号 ~mid~ 批次号 ~batch~ 订单号 ~order~
<isomsg><field id="0" value="0410"/><field id="37" value="~rrn~"/><field id="42" value="~mid~"/><field id="61" value="~original~"/></isomsg>
~stamp~ 原交易 F61=~original~ 授权码 ~auth~
~stamp~ 扫码 付款码 ~code~ 金额 ~amt~
~stamp~ boot SN ~serial~ APP 3.~id~`),
	},
	Report: {
		cards: lines(`
[~stamp~] TX|~tid~|~mid~|~pan~|~amount~|~stan~|~rrn~|00
[~stamp~] 消费 卡号:~pan~ 金额:~amt~ 流水:~stan~ 参考号:~rrn~
~short~ 0200 F02:~pan~ F03:000000 F04:~amount~ F11:~stan~
[~stamp~] swipe ~track~ term ~tid~`),
		others: lines(`
~short~ 0210 F11:~stan~ F37:~rrn~ F39:00
~short~0800 ~stan~
[~stamp~] TX|~tid~|~mid~|~masked~|~amount~|~stan~|~rrn~|05
[~stamp~] 结算 批次:~batch~ 总额:~amount~ 商户:~mid~
[~stamp~] up ~epoch~ ticket ~long~
[~stamp~] ksn ~ksn~ mac ~mac~
[~stamp~] 小票 ~long~ 凭证 ~rrn~~stan~`),
	},
}

func posClasses() []Class {
	return []Class{{Name: "pos_log", Group: POS, Files: posFiles, Each: cardsOfPOS, make: posFile}}
}

// posFile is a day of a terminal host: a line in four holds a number.
func posFile(m *maker, n int) file {
	f, t := file{name: ".log"}, &tally{}
	for _, pan := range m.deck.deal(n) {
		for range 2 + m.IntN(3) {
			t.add(m.posLine(pick(m, posForms[m.family].others), ""))
		}
		line := t.add(m.posLine(pick(m, posForms[m.family].cards), pan))
		f.plants = append(f.plants, Plant{Kind: "pan", Value: pan, Line: line})
	}
	f.data = []byte(t.String())
	return f
}

func (m *maker) posLine(form, pan string) string {
	parts := strings.Split(form, "~")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = m.posWord(parts[i], pan)
	}
	return strings.Join(parts, "")
}

func (m *maker) posWord(name, pan string) string {
	switch name {
	case "pan":
		return pan
	case "track":
		return ";" + m.track2(pan, "=") + "?"
	case "stamp":
		return m.now().Format("20060102 150405")
	case "short":
		return m.now().Format("060102150405")
	case "amount":
		return fmt.Sprintf("%012d", m.IntN(1e6))
	case "batch":
		return fmt.Sprintf("%06d", m.IntN(1e6))
	case "mid":
		return "1234567" + m.digits(8)
	case "mac":
		return m.hexWithRun(16 + 16)[:16]
	case "ksn":
		return "FFFF" + m.digits(16)
	case "long":
		return m.now().Format("20060102") + m.digits(10)
	case "order": // a series: one number after another
		return fmt.Sprintf("43260%014d", 10_000+m.line*13)
	case "original": // of the sale that a void names: batch, trace, day
		return m.posWord("batch", "") + m.word("stan") + m.now().Format("0102")
	case "code": // a wallet shows it and a till reads it, once
		return "62" + m.digits(17)
	case "serial":
		return "63" + m.digits(14)
	case "epoch":
		return fmt.Sprint(m.now().UnixMilli())
	case "masked":
		p := m.deck.deal(1)[0]
		return p[:6] + strings.Repeat("*", len(p)-10) + p[len(p)-4:]
	}
	return m.word(name)
}
