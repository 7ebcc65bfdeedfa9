// Asio, compiled once. The standard header comes first, as in every file that uses Asio: only then
// does Asio see that the library has aligned_alloc, and both allocate and free the same way.
#include <cstdlib>

#include <asio/impl/src.hpp>
