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
 * The days on which people are reminded, counted from the day on which a form is due: -2,1,4.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class steps {
    /** @var string where nobody has chosen others */
    public const USUAL = '-2,1,4';

    /** @var int most of them */
    private const MOST = 8;

    /** @var int days before and after */
    private const FAR = 60;

    /**
     * Reads steps as somebody typed them.
     *
     * @param string $text whole numbers with commas between; empty = no reminders
     * @return int[]|null in order; null where the text is something else
     */
    public static function read(string $text): ?array {
        $text = str_replace(['−', '–', ' ', '+'], ['-', '-', '', ''], trim($text));
        if ($text === '') {
            return [];
        }
        if (!preg_match('/^-?\d{1,3}(,-?\d{1,3})*$/D', $text)) {
            return null;
        }
        $steps = array_values(array_unique(array_map('intval', explode(',', $text))));
        sort($steps);
        $far = array_filter($steps, fn(int $step): bool => abs($step) > self::FAR);
        return $far || count($steps) > self::MOST ? null : $steps;
    }

    /**
     * The steps of a session.
     *
     * @param \stdClass $row of monitoringsession
     * @return int[]
     */
    public static function of(\stdClass $row): array {
        return self::read((string)$row->reminders) ?? self::read(self::USUAL);
    }

    /**
     * The steps of the site, for new sessions.
     *
     * @return string
     */
    public static function of_site(): string {
        $chosen = get_config('mod_monitoringsession', 'reminders');
        $steps = is_string($chosen) ? self::read($chosen) : null;
        return $steps === null ? self::USUAL : implode(',', $steps);
    }
}
