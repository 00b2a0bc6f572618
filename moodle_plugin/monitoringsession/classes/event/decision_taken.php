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
 * A coordinator decided on an early-warning signal.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class decision_taken extends in_session {
    /** @var string */
    protected const CRUD = 'c';
    /** @var int */
    protected const LEVEL = self::LEVEL_TEACHING;
    /** @var string */
    protected const TABLE = 'monitoringsession_decision';

    /**
     * The event.
     *
     * @param session $session
     * @param \stdClass $decision row of monitoringsession_decision
     * @return self
     */
    public static function of(session $session, \stdClass $decision): self {
        return self::create([
            'objectid' => $decision->id,
            'context' => $session->context(),
            'relateduserid' => $decision->userid ?: null,
            'other' => ['rule' => $decision->rule, 'decision' => $decision->decision],
        ]);
    }

    /**
     * Name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('event_decision_taken', 'mod_monitoringsession');
    }

    /**
     * What happened, for the log.
     *
     * @return string
     */
    public function get_description() {
        return "The user with id '$this->userid' decided '{$this->other['decision']}' on the signal '{$this->other['rule']}' "
            . "in the monitoring session with course module id '$this->contextinstanceid'.";
    }
}
