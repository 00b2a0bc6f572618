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
 * Who may see what: the rules alone, without a look at the database. The service's answers/visibility holds the same.
 *
 * Pure: the contract's vectors/variants.json, readers.json, rows.json and instead.json are replayed without Moodle.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class visibility {
    /**
     * Which variant of a form somebody may read.
     *
     * @param string $role of its author: mentee, mentor or coordinator
     * @param bool $own whether the reader wrote it
     * @param bool $mentored whether the reader is the mentor of its author, in the group it was written in
     * @param bool $mentor whether the reader is a mentor
     * @param bool $ingroup whether it was written in a group of the reader
     * @param bool $coordinator whether the reader coordinates
     * @param bool $allgroups whether the reader may see all groups; a coordinator who may not has the own groups only
     * @return string full, mentor, or empty for none
     */
    public static function variant(
        string $role,
        bool $own,
        bool $mentored,
        bool $mentor,
        bool $ingroup,
        bool $coordinator,
        bool $allgroups
    ): string {
        if ($own) {
            return 'full';
        }
        // Before the coordinator's right: who mentors a group reads as its mentor, for some of it is about them.
        if ($role === 'mentee' && $mentored) {
            return 'mentor';
        }
        if ($coordinator && ($allgroups || $ingroup)) {
            return 'full';
        }
        return $role === 'coordinator' && $mentor && $ingroup ? 'mentor' : '';
    }

    /**
     * Whether somebody who may read one variant may open a document that holds another.
     *
     * @param string $readable the variant they may read
     * @param string $stored the document's
     * @param bool $coordinator whether they coordinate
     * @return bool
     */
    public static function opens(string $readable, string $stored, bool $coordinator): bool {
        return $readable !== '' && ($readable === $stored || ($readable === 'full' && $coordinator));
    }

    /**
     * Whether a variant shows what these people may read.
     *
     * @param string $variant full or mentor
     * @param string[] $readers of an item or column
     * @return bool
     */
    public static function shows(string $variant, array $readers): bool {
        return $variant === 'full' || in_array('mentor', $readers, true);
    }

    /**
     * Whether a row stands in that variant: what is addressed to the coordinator reaches nobody else.
     *
     * @param string $variant full or mentor
     * @param array $row as it was answered
     * @return bool
     */
    public static function row_reaches(string $variant, array $row): bool {
        return $variant === 'full' || ($row['addressee'] ?? '') !== 'to_coordinator';
    }

    /**
     * The carried data with what a coordinator's form shows, or what its mentors' copy shows instead.
     *
     * @param string $variant full or mentor
     * @param array $carried
     * @return array
     */
    public static function instead(string $variant, array $carried): array {
        $theirs = array_filter($carried, fn($key) => str_ends_with($key, '.mentor'), ARRAY_FILTER_USE_KEY);
        $shown = array_diff_key($carried, $theirs);
        if ($variant === 'full') {
            return $shown;
        }
        foreach ($theirs as $key => $value) {
            $shown[substr($key, 0, -strlen('.mentor'))] = $value;
        }
        return $shown;
    }
}
