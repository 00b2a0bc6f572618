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
 * The safety net under the adhoc task, which Moodle drops after a day and a half of failures.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class redeliver extends \core\task\scheduled_task {
    /** @var int days for which delivered hints are kept */
    private const KEEP = 30;

    /**
     * Name.
     *
     * @return string
     */
    public function get_name() {
        return get_string('task_redeliver', 'mod_monitoringsession');
    }

    /**
     * Sends what waits, forgets what was sent long ago.
     */
    public function execute() {
        global $DB;
        $error = outbox::drain();
        if ($error !== '') {
            mtrace("The service cannot be reached: $error");
        }
        $DB->delete_records_select(
            'monitoringsession_outbox',
            "state = 'sent' AND timecreated < ?",
            [time() - self::KEEP * DAYSECS]
        );
    }
}
