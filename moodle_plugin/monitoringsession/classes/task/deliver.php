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

namespace mod_monitoringsession\task;

use mod_monitoringsession\local\outbox;

/**
 * Sends the hints that wait for the service.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class deliver extends \core\task\adhoc_task {
    /**
     * Name.
     *
     * @return string
     */
    public function get_name() {
        return get_string('task_deliver', 'mod_monitoringsession');
    }

    /**
     * Sends; a failure makes Moodle try again later.
     *
     * The last attempt never fails: a task without attempts left stays in its table for weeks and would keep the next
     * one from being queued. What still waits is left to the task redeliver.
     */
    public function execute() {
        $error = outbox::drain();
        if ($error !== '' && $this->get_attempts_available() <= 1) {
            mtrace("The service cannot be reached: $error");
        } else if ($error !== '') {
            throw new \moodle_exception('deliveryfailed', 'mod_monitoringsession', '', $error);
        }
    }
}
