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

use mod_monitoringsession\local\notifications;

/**
 * Sends messages about a submission, or a coordinator's reminders, outside the request that caused them.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class notify extends \core\task\adhoc_task {
    /**
     * Name.
     *
     * @return string
     */
    public function get_name() {
        return get_string('task_notify', 'mod_monitoringsession');
    }

    /**
     * Sends.
     */
    public function execute() {
        $data = $this->get_custom_data();
        if (isset($data->session)) {
            notifications::remind((int)$data->session, (array)$data->people, (string)$data->text, (int)$data->from);
        } else {
            notifications::about_submission($data->message, (int)$data->submission);
        }
    }
}
