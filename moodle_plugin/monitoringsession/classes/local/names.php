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
 * Names of courses, groups and sessions as Moodle shows them, filters applied; plain text, to be escaped by whoever prints it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class names {
    /**
     * A name for the current reader.
     *
     * @param string $name as it is stored
     * @param \context $context whose filters apply
     * @return string
     */
    public static function shown(string $name, \context $context): string {
        $html = format_string($name, true, ['context' => $context]);
        return html_entity_decode(strip_tags($html), ENT_QUOTES | ENT_HTML5, 'UTF-8');
    }

    /**
     * A name in the language of a form, as it is sent and filed.
     *
     * @param string $name as it is stored
     * @param string $language two letters; forms may be in a language that the site has not installed
     * @param \context $context whose filters apply
     * @return string
     */
    public static function filed(string $name, string $language, \context $context): string {
        global $SESSION;
        $before = $SESSION->forcelang ?? null;
        // Core's function takes installed languages only.
        $SESSION->forcelang = self::installed($language);
        try {
            return self::shown($name, $context);
        } finally {
            if ($before === null) {
                unset($SESSION->forcelang);
            } else {
                $SESSION->forcelang = $before;
            }
        }
    }

    /**
     * The language by which filters know it: an installed variant of it, such as en_us, where the plain one is not there.
     *
     * @param string $language two letters
     * @return string
     */
    private static function installed(string $language): string {
        $manager = get_string_manager();
        if (!$manager->translation_exists($language, false) && $language === texts::language(current_language())) {
            return current_language();
        }
        return $language;
    }
}
