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
 * Drafts: answers not yet submitted, numbered so that two tabs cannot overwrite each other.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class drafts {
    /**
     * The draft of a form.
     *
     * @param slot $slot
     * @return \stdClass|null row of monitoringsession_draft
     */
    public static function find(slot $slot): ?\stdClass {
        global $DB;
        return $DB->get_record('monitoringsession_draft', $slot->key()) ?: null;
    }

    /**
     * Saves answers as the draft of a form.
     *
     * @param slot $slot
     * @param array $answers by item id
     * @param int $revision the one the person saw; 0 = there was none
     * @return int the new revision, 0 when somebody else (another tab) saved in between: nothing is overwritten
     */
    public static function save(slot $slot, array $answers, int $revision): int {
        global $DB;
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock('draft' . $slot->name(), 5);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            $draft = self::find($slot);
            if ((int)($draft->revision ?? 0) !== $revision) {
                return 0;
            }
            $row = (object)($slot->key() + [
                'language' => $slot->definition->language,
                'answers' => json::object($answers),
                'revision' => $revision + 1,
                'timemodified' => time(),
            ]);
            if ($draft) {
                $row->id = $draft->id;
                $DB->update_record('monitoringsession_draft', $row);
            } else {
                $DB->insert_record('monitoringsession_draft', $row);
            }
            return $revision + 1;
        } finally {
            $lock->release();
        }
    }

    /**
     * Throws the draft of a form away.
     *
     * @param slot $slot
     */
    public static function discard(slot $slot): void {
        global $DB;
        $DB->delete_records('monitoringsession_draft', $slot->key());
    }
}
