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
 * Calendar days as the contract writes them, YYYY-MM-DD.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class dates {
    /**
     * A day that exists.
     *
     * @param string $text
     * @return \DateTimeImmutable|null midnight UTC; null when the text is no day
     */
    public static function parse(string $text): ?\DateTimeImmutable {
        if (!preg_match('/^(\d{4})-(\d{2})-(\d{2})$/D', $text, $m) || !checkdate((int)$m[2], (int)$m[3], (int)$m[1])) {
            return null;
        }
        return new \DateTimeImmutable("$text 00:00:00", new \DateTimeZone('UTC'));
    }

    /**
     * A day written for people in the current language.
     *
     * @param string $text
     * @return string
     */
    public static function show(string $text): string {
        $day = self::parse($text);
        // Noon keeps the day the same in every time zone that userdate may use.
        return $day ? userdate($day->getTimestamp() + 12 * HOURSECS, get_string('strftimedate', 'langconfig'), 'UTC') : $text;
    }

    /**
     * The day of a moment, in the site's time zone.
     *
     * @param int $time
     * @return string
     */
    public static function day(int $time): string {
        return (new \DateTimeImmutable("@$time"))->setTimezone(\core_date::get_server_timezone_object())->format('Y-m-d');
    }

    /**
     * A moment on a day, in the site's time zone.
     *
     * @param string $day
     * @param string $clock HH:MM
     * @return int
     */
    public static function moment(string $day, string $clock): int {
        return (new \DateTimeImmutable("$day $clock", \core_date::get_server_timezone_object()))->getTimestamp();
    }
}
