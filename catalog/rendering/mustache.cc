#include "catalog/rendering/mustache.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/rendering/mustache_template.h"
#include "catalog/rendering/template_value.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

using registry::JsonValue;

struct Template::Parsed {
  std::string text;
  std::vector<TemplateNode> nodes;
};

namespace {

// `asJson` is a function in the context that packages may call as a section.
constexpr absl::string_view kAsJson = "asJson";

class Renderer {
 public:
  Renderer(const JsonValue& context, const RenderLimits& limits)
      : context_(context), limits_(limits) {
    scopes_.push_back(TemplateValue::Of(&context));
  }

  // Stops at the node that prints the byte at `offset`.
  void StopAt(size_t offset) { stop_at_ = offset; }
  const TemplateNode* stopped() const { return stopped_; }

  absl::Status Render(const std::vector<TemplateNode>& nodes) {
    for (const TemplateNode& node : nodes) {
      if (stopped_ != nullptr) return absl::OkStatus();
      ORRERY_RETURN_IF_ERROR(Spend(1));
      ORRERY_RETURN_IF_ERROR(RenderNode(node));
      if (out_.size() > limits_.max_output_bytes) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the rendered text has more than ",
                         limits_.max_output_bytes, " bytes"));
      }
      if (stopped_ == nullptr && out_.size() > stop_at_) stopped_ = &node;
    }
    return absl::OkStatus();
  }

  std::string Take() { return std::move(out_); }

 private:
  absl::Status Spend(size_t steps) {
    steps_ += steps;
    if (steps_ <= limits_.max_steps) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat(
        "rendering takes more than ", limits_.max_steps, " steps"));
  }

  absl::Status RenderNode(const TemplateNode& node) {
    if (node.kind == TemplateNode::Kind::kText) {
      out_ += node.text;
      return absl::OkStatus();
    }
    if (node.kind == TemplateNode::Kind::kBlock) return Render(node.children);
    ORRERY_ASSIGN_OR_RETURN(const TemplateValue value, Resolve(node));
    switch (node.kind) {
      case TemplateNode::Kind::kValue:
        return value.Print(limits_.max_output_bytes, &out_);
      case TemplateNode::Kind::kInverted:
        return value.truthy() ? absl::OkStatus() : Render(node.children);
      default:
        return RenderSection(node, value);
    }
  }

  absl::Status RenderSection(const TemplateNode& node,
                             const TemplateValue& value) {
    if (value.is_as_json()) {
      InsertJson(node.raw_body);
      return absl::OkStatus();
    }
    if (!value.truthy()) return absl::OkStatus();
    if (!value.is_array()) return RenderWith(value, node.children);
    for (size_t i = 0; i < value.size(); ++i) {
      if (stopped_ != nullptr) return absl::OkStatus();
      const TemplateValue item = value.Item(i);
      ORRERY_RETURN_IF_ERROR(Spend(1));
      ORRERY_RETURN_IF_ERROR(item.is_null() ? Render(node.children)
                                            : RenderWith(item, node.children));
    }
    return absl::OkStatus();
  }

  absl::Status RenderWith(const TemplateValue& scope,
                          const std::vector<TemplateNode>& nodes) {
    scopes_.push_back(scope);
    const absl::Status status = Render(nodes);
    scopes_.pop_back();
    return status;
  }

  void InsertJson(const std::string& name) {
    const JsonValue* value = name == kAsJson ? nullptr : context_.Find(name);
    out_ += value != nullptr && value->is_string() ? value->text() : "null";
  }

  absl::StatusOr<TemplateValue> MemberOf(size_t scope,
                                         const std::string& name) {
    if (scope == 0 && name == kAsJson) return TemplateValue::AsJson();
    ORRERY_RETURN_IF_ERROR(Spend(scopes_[scope].lookup_cost()));
    return scopes_[scope].Member(name);
  }

  // Rendering §7.2.
  absl::StatusOr<TemplateValue> Resolve(const TemplateNode& node) {
    if (node.text == ".") return scopes_.back();
    for (size_t scope = scopes_.size(); scope-- > 0;) {
      ORRERY_ASSIGN_OR_RETURN(const TemplateValue whole,
                              MemberOf(scope, node.text));
      if (!whole.is_missing()) return whole;
      if (node.parts.empty()) continue;
      ORRERY_ASSIGN_OR_RETURN(TemplateValue value,
                              MemberOf(scope, node.parts[0]));
      for (size_t i = 1; i < node.parts.size(); ++i) {
        if (value.is_missing() || value.is_null()) break;
        ORRERY_RETURN_IF_ERROR(Spend(value.lookup_cost()));
        const TemplateValue next = value.Member(node.parts[i]);
        if (next.is_missing() && i + 1 == node.parts.size()) return next;
        value = next;
      }
      if (!value.is_missing()) return value;
    }
    return TemplateValue();
  }

  const JsonValue& context_;
  const RenderLimits& limits_;
  std::vector<TemplateValue> scopes_;
  std::string out_;
  size_t steps_ = 0;
  size_t stop_at_ = static_cast<size_t>(-1);
  const TemplateNode* stopped_ = nullptr;
};

}  // namespace

Template::Template(std::shared_ptr<const Parsed> parsed)
    : parsed_(std::move(parsed)) {}

absl::StatusOr<Template> Template::Parse(absl::string_view text) {
  auto parsed = std::make_shared<Parsed>();
  parsed->text = std::string(text);
  ORRERY_ASSIGN_OR_RETURN(parsed->nodes, ParseTemplate(parsed->text));
  return Template(std::move(parsed));
}

absl::StatusOr<std::string> Template::Render(const JsonValue& context,
                                             const RenderLimits& limits) const {
  Renderer renderer(context, limits);
  ORRERY_RETURN_IF_ERROR(renderer.Render(parsed_->nodes));
  return renderer.Take();
}

std::optional<TemplatePlace> Template::PlaceOfOutput(
    const JsonValue& context, size_t output_offset,
    const RenderLimits& limits) const {
  Renderer renderer(context, limits);
  renderer.StopAt(output_offset);
  if (!renderer.Render(parsed_->nodes).ok() || renderer.stopped() == nullptr) {
    return std::nullopt;
  }
  const TemplateNode& node = *renderer.stopped();
  TemplatePlace place;
  const bool is_text = node.kind == TemplateNode::Kind::kText;
  place.line = registry::PlaceAt(parsed_->text, node.offset).line;
  if (!is_text) place.name = node.text;
  return place;
}

}  // namespace orrery::catalog
