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
 * JSON as the contract writes it: UTF-8 as it is, objects stay objects when empty.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class json {
    /**
     * Encodes an array that stands for a JSON object.
     *
     * @param array $value
     * @return string
     */
    public static function object(array $value): string {
        return self::encode((object)$value);
    }

    /**
     * Encodes any value.
     *
     * @param mixed $value
     * @return string
     */
    public static function encode($value): string {
        return json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
    }

    /**
     * Decodes to arrays; anything but an object or list gives an empty array.
     *
     * @param string|null $text
     * @return array
     */
    public static function decode(?string $text): array {
        $value = json_decode((string)$text, true);
        return is_array($value) ? $value : [];
    }
}
