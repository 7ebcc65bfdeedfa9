#pragma once

namespace cli {

/// Puts something under descriptors 0, 1 and 2 where the caller of the process has closed them.
/// Else the first socket would get such a number, and be taken for standard input or be sent error
/// texts. Reading or writing there still fails, as it should. To be called before anything is
/// opened.
void hold_standard_descriptors();

}  // namespace cli
