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
 * A document was archived in the session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class document_stored extends in_session {
    /** @var string */
    protected const CRUD = 'c';
    /** @var string */
    protected const TABLE = 'monitoringsession_document';

    /**
     * The event.
     *
     * @param session $session
     * @param \stdClass $document
     * @param \stdClass $submission
     * @return self
     */
    public static function of(session $session, \stdClass $document, \stdClass $submission): self {
        return self::create([
            'objectid' => $document->id,
            'context' => $session->context(),
            'relateduserid' => $submission->userid,
            'other' => ['uuid' => $document->uuid, 'variant' => $document->variant, 'sha256' => $document->sha256],
        ]);
    }

    /**
     * Name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('event_document_stored', 'mod_monitoringsession');
    }

    /**
     * What happened, for the log.
     *
     * @return string
     */
    public function get_description() {
        return "The user with id '$this->userid' stored the document '{$this->other['uuid']}' ({$this->other['variant']}) "
            . "in the monitoring session with course module id '$this->contextinstanceid'.";
    }
}
