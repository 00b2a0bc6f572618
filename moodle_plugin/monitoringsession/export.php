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
 * Everything of a session as one ZIP file, for coordinators.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\archive;
use mod_monitoringsession\local\session;

require(__DIR__ . '/../../config.php');

$session = session::of_cm(required_param('id', PARAM_INT));
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:coordinate', $session->context());
require_sesskey();
\mod_monitoringsession\event\archive_downloaded::of($session)->trigger();
\core\session\manager::write_close();
(new archive($session, new access($session, (int)$USER->id)))->send();
