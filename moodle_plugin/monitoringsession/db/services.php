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

/**
 * Web services: what the paired service calls, and what the pages of the activity ask for.
 *
 * The external service itself is made by pairing and removed by unpairing.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$functions = [];
foreach (
    [
        'get_changes' => ['read', 'The change sequence after a cursor, with tombstones'],
        'get_submissions' => ['read', 'Submissions with their answers'],
        'get_participants' => ['read', 'People, roles and groups of a session'],
        'put_definitions' => ['write', 'Stores the forms'],
        'put_personal' => ['write', 'Stores carried-over rows per person'],
        'put_summary' => ['write', 'Stores summaries and signals'],
        'store_document' => ['write', 'Stores one uploaded document in its session'],
        'list_documents' => ['read', 'The register of documents of a session'],
        'report_problem' => ['write', 'Shows or clears a problem with a submission'],
        'put_set_aside' => ['write', 'Shows what could not be read or worked out in a session'],
    ] as $name => [$type, $description]
) {
    $functions["mod_monitoringsession_$name"] = [
        'classname' => "mod_monitoringsession\\external\\$name",
        'description' => $description,
        'type' => $type,
        'capabilities' => 'mod/monitoringsession:service',
        'ajax' => false,
    ];
}
$functions['mod_monitoringsession_save_draft'] = [
    'classname' => 'mod_monitoringsession\external\save_draft',
    'description' => 'Saves the draft of the calling user',
    'type' => 'write',
    'capabilities' => 'mod/monitoringsession:view',
    'ajax' => true,
];
$functions['mod_monitoringsession_get_waiting'] = [
    'classname' => 'mod_monitoringsession\external\get_waiting',
    'description' => 'How many documents the calling user still awaits in a session',
    'type' => 'read',
    'capabilities' => 'mod/monitoringsession:view',
    'ajax' => true,
    'readonlysession' => true,
];
