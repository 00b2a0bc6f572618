<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace mod_monitoringsession\local;

/**
 * Tidies what people type, before it is measured and kept: the service's answers/tidy does the very same.
 *
 * Pure: the contract's vectors/text.json and vectors/numbers.json are replayed without Moodle.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class tidy {
    /** @var string control characters but tab and newline, and invisible marks that hide or reorder text */
    private const INVISIBLE = '/[\x{00}-\x{08}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{200b}\x{200e}\x{200f}'
        . '\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]/u';

    /** @var string every space but the line break; PCRE's own class differs from Python's */
    private const SPACE = ' \t\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}';

    /**
     * Text: composed characters, plain line ends, no invisible marks, no stray spaces.
     *
     * @param string $text
     * @param bool $lines whether line breaks stay, at most two in a row
     * @return string
     */
    public static function text(string $text, bool $lines): string {
        $text = preg_replace(self::INVISIBLE, '', str_replace(["\r\n", "\r"], "\n", $text)) ?? $text;
        if (class_exists('Normalizer')) {
            $text = \Normalizer::normalize($text, \Normalizer::FORM_C) ?: $text;
        }
        if ($lines) {
            $text = preg_replace('/[' . self::SPACE . ']+$/mu', '', str_replace("\t", ' ', $text)) ?? $text;
            $text = preg_replace('/\n{3,}/', "\n\n", $text) ?? $text;
        } else {
            $text = preg_replace('/[\n' . self::SPACE . ']+/u', ' ', $text) ?? $text;
        }
        return preg_replace('/^[\n' . self::SPACE . ']+|[\n' . self::SPACE . ']+$/uD', '', $text) ?? $text;
    }

    /**
     * The length of a text that is longer than its limit, measured as it will be kept.
     *
     * @param string $text
     * @param bool $lines
     * @param int|null $limit characters; null for none
     * @return int 0 when it fits
     */
    public static function excess(string $text, bool $lines, ?int $limit): int {
        $length = mb_strlen(self::text($text, $lines));
        return $limit !== null && $length > $limit ? $length : 0;
    }

    /**
     * A whole number; the text itself, shortened, where it is none.
     *
     * @param string $text
     * @return int|string
     */
    public static function number(string $text) {
        $text = str_replace(' ', '', self::text($text, false));
        if (preg_match('/^([+-]?[0-9]{1,9})(?:[.,]0{1,2})?$/D', $text, $parts)) {
            return (int)$parts[1];
        }
        return mb_substr($text, 0, 40);
    }
}
