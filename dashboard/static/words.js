// Words that Streamlit's own widgets bring in English, said in Chinese. Part of the router's module.
const WORDS = [
  [/^file upload$/, "选择文件"],
  [/^Add files$/, "换一个文件"],
  [/^Remove (.*)$/, "去掉 $1"],
  [/^Help for (.*)$/, "$1的说明"],
  [/^Choose an option$/, "请选择"],
  [/^Open$/, "展开"],
  [/^Dismiss$/, "收起"],
  [/^Clear value$/, "清空"],
  [/^Close$/, "关闭"],
  [/^Decrement$/, "减一"],
  [/^Increment$/, "加一"],
  [/^(\d+) options? available\.?$/, "有 $1 个可选"],
  [/^Selected values$/, "已选的"],
  [/^Choose date$/, "选择日期"],
  [/^Choose date, (.*)$/, "选择日期，$1"],
  [/^Previous month$/, "上个月"],
  [/^Next month$/, "下个月"],
  [/^year, (.*)$/, "年，$1"],
  [/^month, (.*)$/, "月，$1"],
  [/^day, (.*)$/, "日，$1"],
  [/^Use arrow keys to navigate dates\. Enter to select\. Escape to close\.$/, "方向键换日期，回车选定，Esc 关闭"],
  [/^Skip to main content$/, "跳到主要内容"],
  [/^No results$/, "没有匹配的项"],
  [/^Error:$/, ""],
  [/^(?:Error: )?Number is outside the allowed range\. Please enter a value between (.*) and (.*)\.$/, "应在 $1 到 $2 之间，没有保存"],
  [/^(?:Error: )?Number is below the allowed range\. Please enter a value greater than or equal to (.*)\.$/, "不能小于 $1，没有保存"],
  [/^(?:Error: )?Number is above the allowed range\. Please enter a value less than or equal to (.*)\.$/, "不能大于 $1，没有保存"],
];
const WORD_PLACES = ".stApp [aria-label], .stApp [placeholder], [data-testid='portal'] [aria-label], body > div:not(#root) [aria-label]";

function inChinese(text) {
  for (const [pattern, words] of WORDS) if (pattern.test(text)) return text.replace(pattern, words);
  return text;
}

function translateWidgets() {
  for (const element of document.querySelectorAll(WORD_PLACES)) {
    for (const name of ["aria-label", "placeholder"]) {
      const said = element.getAttribute(name);
      if (!said || !/^[A-Za-z\d]/.test(said)) continue;
      const words = inChinese(said);
      if (words !== said) element.setAttribute(name, words);
    }
  }
  for (const element of document.querySelectorAll("a[href='#main-content'], body > a, #root a, [role='status'], [role='listbox'] *, [aria-live], [aria-live] *, [data-testid='stDateInputCalendar'] :is(span, h2), [data-testid='stNumberInputContainer'] [role='alert']")) {
    if (element.childElementCount) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      const words = inChinese(node.nodeValue.trim());
      if (words !== node.nodeValue.trim()) node.nodeValue = words;
    }
  }
}

let wordsDue = false;
function translateSoon() {
  if (wordsDue) return;
  wordsDue = true;
  requestAnimationFrame(() => { wordsDue = false; translateWidgets(); });
}
