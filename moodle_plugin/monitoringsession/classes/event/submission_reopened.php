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

namespace mod_monitoringsession\event;

use mod_monitoringsession\local\session;

/**
 * The author of a form is asked for another version.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class submission_reopened extends in_session {
    /** @var string */
    protected const CRUD = 'u';
    /** @var string */
    protected const TABLE = 'monitoringsession_submission';

    /**
     * The event.
     *
     * @param session $session
     * @param \stdClass $submission
     * @return self
     */
    public static function of(session $session, \stdClass $submission): self {
        return self::create([
            'objectid' => $submission->id,
            'context' => $session->context(),
            'relateduserid' => $submission->userid,
            'other' => [
                'uuid' => $submission->uuid,
                'instrument' => $submission->instrument,
                'version' => (int)$submission->version,
            ],
        ]);
    }

    /**
     * Name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('event_submission_reopened', 'mod_monitoringsession');
    }

    /**
     * What happened, for the log.
     *
     * @return string
     */
    public function get_description() {
        return "The user with id '$this->userid' reopened the form '{$this->other['instrument']}' "
            . "of the user with id '$this->relateduserid' "
            . "in the monitoring session with course module id '$this->contextinstanceid'.";
    }
}
