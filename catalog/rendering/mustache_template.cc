#include "catalog/rendering/mustache_template.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "catalog/rendering/mustache.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using Kind = TemplateNode::Kind;

constexpr size_t kMaxShown = 60;

struct Delimiters {
  std::string start = "{{";
  std::string end = "}}";
};

// java.lang.String.trim: everything up to the blank goes.
absl::string_view Trim(absl::string_view text) {
  const auto blank = [](char c) {
    return static_cast<unsigned char>(c) <= ' ';
  };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

TemplateNode Named(Kind kind, absl::string_view name, size_t offset) {
  TemplateNode node;
  node.kind = kind;
  node.text = std::string(name);
  if (absl::StrContains(name, '.') && name != ".") {
    node.parts = absl::StrSplit(name, '.');
  }
  node.offset = static_cast<uint32_t>(offset);
  return node;
}

// The body of one section, or the whole template, while it is read. The names
// of the flags are those of rendering §7.5.
struct Level {
  std::vector<TemplateNode> nodes;
  Delimiters delimiters;
  std::string pending;
  size_t pending_offset = 0;
  bool blank = true;
  bool first = true;
  bool after = false;
  bool saw_return = false;

  void Emit() {
    if (pending.empty()) return;
    TemplateNode node;
    node.text = std::move(pending);
    node.offset = static_cast<uint32_t>(pending_offset);
    nodes.push_back(std::move(node));
    pending.clear();
  }

  void Keep(absl::string_view text, size_t offset) {
    if (pending.empty()) pending_offset = offset;
    pending.append(text.data(), text.size());
  }
};

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<TemplateNode>> Run() {
    if (!registry::IsUtf8(text_)) {
      return absl::InvalidArgumentError("the template is not UTF-8");
    }
    Level level;
    ORRERY_RETURN_IF_ERROR(ReadLevel(/*open=*/nullptr, /*depth=*/0, &level));
    return std::move(level.nodes);
  }

 private:
  struct Tag {
    // Of its first brace.
    size_t offset = 0;
    // First character inside, then the rest.
    char sigil = 0;
    absl::string_view content;
    absl::string_view source;

    absl::string_view name() const { return Trim(content.substr(1)); }
  };

  absl::Status Fault(size_t offset, absl::string_view reason) const {
    return registry::JsonFaultAt(text_, offset,
                                 absl::StatusCode::kInvalidArgument, reason);
  }

  int LineOf(size_t offset) const {
    return registry::PlaceAt(text_, offset).line;
  }

  bool AtTag(const Level& level) const {
    return absl::StartsWith(text_.substr(at_), level.delimiters.start);
  }

  // Reads up to the end of the template or of the section `open`.
  absl::Status ReadLevel(const Tag* open, int depth, Level* level) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\r') {
        level->saw_return = true;
        ++at_;
      } else if (c == '\n') {
        EndLine(level);
      } else if (level->saw_return = false; AtTag(*level)) {
        bool closes = false;
        ORRERY_RETURN_IF_ERROR(ReadTag(open, depth, level, &closes));
        if (closes) return absl::OkStatus();
        level->first = false;
      } else {
        level->blank = level->blank && (c == ' ' || c == '\t');
        level->Keep(text_.substr(at_, 1), at_);
        ++at_;
      }
    }
    if (open != nullptr) {
      return Fault(
          open->offset,
          absl::StrCat("section ", ShownTag(open->source), " is not closed"));
    }
    level->Emit();
    return absl::OkStatus();
  }

  void EndLine(Level* level) {
    if (!level->after || !level->blank) {
      level->Keep(level->saw_return ? "\r\n" : "\n", at_);
    }
    ++at_;
    ++line_ends_;
    level->Emit();
    level->after = false;
    level->blank = true;
    level->first = true;
  }

  absl::Status ReadTag(const Tag* open, int depth, Level* level, bool* closes) {
    ORRERY_ASSIGN_OR_RETURN(const Tag tag, TakeTag(level->delimiters));
    switch (tag.sigil) {
      case '#':
      case '^':
      case '$':
      case '?':
        return ReadSection(tag, depth, level);
      case '/':
        *closes = true;
        return CloseSection(open, tag, level);
      case '>':
      case '<':
        return Fault(tag.offset, absl::StrCat(ShownTag(tag.source),
                                              ": partials are not available"));
      case '=':
        level->Emit();
        return ChangeDelimiters(tag, level);
      case '!':
      case '%':
        level->Emit();
        return absl::OkStatus();
      case '{':
        level->Emit();
        return ReadTriple(tag, level);
      case '&':
        level->Emit();
        level->nodes.push_back(Named(Kind::kValue, tag.name(), tag.offset));
        return absl::OkStatus();
      default:
        level->Emit();
        level->nodes.push_back(
            Named(Kind::kValue, Trim(tag.content), tag.offset));
        return absl::OkStatus();
    }
  }

  absl::StatusOr<Tag> TakeTag(const Delimiters& delimiters) {
    Tag tag;
    tag.offset = at_;
    const size_t start = at_ + delimiters.start.size();
    // The first "=" opens a change of delimiters whatever follows.
    const size_t searched =
        absl::StartsWith(text_.substr(start), "=") ? start + 1 : start;
    const size_t end = text_.find(delimiters.end, searched);
    if (end == absl::string_view::npos) {
      return Fault(tag.offset, "tag is not closed");
    }
    tag.content = text_.substr(start, end - start);
    at_ = end + delimiters.end.size();
    tag.source = text_.substr(tag.offset, at_ - tag.offset);
    if (tag.content.empty()) return Fault(tag.offset, "empty tag");
    tag.sigil = tag.content[0];
    return tag;
  }

  absl::Status ReadTriple(const Tag& tag, Level* level) {
    absl::string_view name = tag.name();
    if (level->delimiters.end == "}}") {
      if (at_ == text_.size() || text_[at_] != '}') {
        return Fault(tag.offset,
                     absl::StrCat(ShownTag(tag.source), "} is not closed"));
      }
      ++at_;
    } else if (!absl::ConsumeSuffix(&name, "}")) {
      return Fault(tag.offset,
                   absl::StrCat(ShownTag(tag.source), " lacks its }"));
    }
    level->nodes.push_back(Named(Kind::kValue, Trim(name), tag.offset));
    return absl::OkStatus();
  }

  absl::Status ChangeDelimiters(const Tag& tag, Level* level) const {
    absl::string_view content = tag.content.substr(1);
    const bool closed = absl::ConsumeSuffix(&content, "=");
    const std::vector<std::string> words =
        absl::StrSplit(content, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
    if (!closed || words.size() != 2) {
      return Fault(tag.offset,
                   absl::StrCat(ShownTag(tag.source), ": bad delimiters"));
    }
    level->delimiters = {words[0], words[1]};
    return absl::OkStatus();
  }

  absl::Status ReadSection(const Tag& tag, int depth, Level* level) {
    if (depth == kMaxSectionDepth) {
      return Fault(tag.offset, absl::StrCat("sections nest deeper than ",
                                            kMaxSectionDepth));
    }
    Level body;
    body.delimiters = level->delimiters;
    body.first = level->first && level->blank;
    body.after = true;
    const size_t body_start = at_;
    const int lines_before = line_ends_;
    ORRERY_RETURN_IF_ERROR(ReadLevel(&tag, depth + 1, &body));
    const bool has_line_end = line_ends_ != lines_before;
    if (level->blank && has_line_end) level->pending.clear();
    level->Emit();
    level->after = has_line_end;
    const Kind kind = tag.sigil == '#'   ? Kind::kSection
                      : tag.sigil == '^' ? Kind::kInverted
                                         : Kind::kBlock;
    TemplateNode node = Named(kind, tag.name(), tag.offset);
    node.children = std::move(body.nodes);
    if (node.text == "asJson") {
      node.raw_body =
          std::string(text_.substr(body_start, body_end_ - body_start));
    }
    level->nodes.push_back(std::move(node));
    return absl::OkStatus();
  }

  absl::Status CloseSection(const Tag* open, const Tag& tag, Level* level) {
    if (!level->first || !level->blank) level->Emit();
    if (open == nullptr) {
      return Fault(tag.offset, absl::StrCat("end tag ", ShownTag(tag.source),
                                            " closes no section"));
    }
    if (open->name() != tag.name()) {
      return Fault(tag.offset,
                   absl::StrCat("end tag ", ShownTag(tag.source),
                                " does not match ", ShownTag(open->source),
                                " on line ", LineOf(open->offset)));
    }
    body_end_ = tag.offset;
    return absl::OkStatus();
  }

  absl::string_view text_;
  size_t at_ = 0;
  // Line ends in text, not those inside tags.
  int line_ends_ = 0;
  // Of the section that was closed last.
  size_t body_end_ = 0;
};

}  // namespace

std::string ShownTag(absl::string_view source) {
  std::string shown(source.substr(0, kMaxShown));
  if (source.size() > kMaxShown) {
    while (!registry::IsUtf8(shown)) shown.pop_back();
    shown += "...";
  }
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return shown;
}

absl::StatusOr<std::vector<TemplateNode>> ParseTemplate(
    absl::string_view text) {
  return Parser(text).Run();
}

}  // namespace orrery::catalog
