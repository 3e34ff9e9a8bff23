// libfmt for programs that are linked statically: Debian has no archive of it, but all of its code in headers. What the
// rooms call is compiled once, here.
#include <fmt/format-inl.h>

namespace fmt::detail {

template auto dragonbox::to_decimal(float value) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double value) noexcept -> dragonbox::decimal_fp<double>;
template locale_ref::locale_ref(const std::locale& locale);
template auto locale_ref::get<std::locale>() const -> std::locale;
template auto thousands_sep_impl(locale_ref locale) -> thousands_sep_result<char>;
template auto decimal_point_impl(locale_ref locale) -> char;
template void buffer<char>::append(const char* begin, const char* end);
template void vformat_to(buffer<char>& out, string_view text, basic_format_args<format_context> args,
                         locale_ref locale);

}  // namespace fmt::detail
