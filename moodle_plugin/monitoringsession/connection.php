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
 * Connects the site to the service, shows how the connection is, and ends it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\pairing_form;
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\service;
use mod_monitoringsession\output\connection_page;

require(__DIR__ . '/../../config.php');
require_once($CFG->libdir . '/adminlib.php');

admin_externalpage_setup('modmonitoringsessionconnection');
$url = new moodle_url('/mod/monitoringsession/connection.php');
$do = optional_param('do', '', PARAM_ALPHA);
$tested = null;

if ($do !== '' && data_submitted() && confirm_sesskey()) {
    if ($do === 'test') {
        $tested = service::call('/api/ping', []);
        if ($tested->accepted()) {
            outbox::drain(5);
        }
    } else if ($do === 'unpair' && optional_param('confirm', 0, PARAM_BOOL)) {
        pairing::unpair();
        redirect($url, get_string('unpaired', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
    } else if ($do === 'unpair') {
        echo $OUTPUT->header();
        echo $OUTPUT->confirm(
            get_string('unpairconfirm', 'mod_monitoringsession'),
            new single_button(
                new moodle_url($url, ['do' => 'unpair', 'confirm' => 1]),
                get_string('unpair', 'mod_monitoringsession'),
                'post',
                single_button::BUTTON_DANGER
            ),
            $url
        );
        echo $OUTPUT->footer();
        exit;
    }
}

$form = new pairing_form($url);
$refused = '';
if (!pairing::active() && ($data = $form->get_data())) {
    set_config('ignoresecurity', (int)!empty($data->ignoresecurity), 'mod_monitoringsession');
    $reply = pairing::pair($data->serviceurl, $data->code);
    $tested = $reply->accepted() ? service::call('/api/ping', [], 20) : null;
    if ($tested && !empty($tested->body['moodle']['reachable'])) {
        redirect($url, get_string('paired', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
    }
    $refused = $reply->accepted() ? '' : trim($reply->error . ' ' . $reply->remedy());
}
echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('connection', 'mod_monitoringsession'));
if (pairing::active()) {
    if ($form->is_submitted() && $tested) {
        echo $OUTPUT->notification(get_string('pairedoneway', 'mod_monitoringsession'), 'warning', false);
    }
    $page = new connection_page($tested);
    echo $OUTPUT->render_from_template('mod_monitoringsession/connection', $page->export_for_template($OUTPUT));
} else {
    if (pairing::cloned()) {
        echo $OUTPUT->notification(get_string('cloned', 'mod_monitoringsession'), 'warning', false);
    }
    if ($refused !== '') {
        echo $OUTPUT->notification(get_string('pairingrefused', 'mod_monitoringsession', s($refused)), 'error', false);
    }
    echo html_writer::tag('p', get_string('connectionintro', 'mod_monitoringsession'));
    $form->display();
}
echo $OUTPUT->footer();
