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
 * Texts that come in every language.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class texts {
    /**
     * The text in a language, else in English, else the first there is.
     *
     * @param array|string|null $texts by language
     * @param string $language two letters; empty = the current one
     * @return string
     */
    public static function pick($texts, string $language = ''): string {
        if (!is_array($texts)) {
            return (string)$texts;
        }
        $language = $language ?: self::language(current_language());
        return (string)($texts[$language] ?? $texts['en'] ?? reset($texts));
    }

    /**
     * The two letters of a Moodle language code.
     *
     * @param string $code such as bg or en_us
     * @return string
     */
    public static function language(string $code): string {
        $two = strtolower(substr($code, 0, 2));
        return preg_match('/^[a-z]{2}$/', $two) ? $two : 'en';
    }
}
