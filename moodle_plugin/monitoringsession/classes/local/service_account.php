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
 * What keeps the service's own account out of the site: each with a remedy of its own.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class service_account {
    /** @var string[] what the account must be allowed */
    public const CAPABILITIES = ['mod/monitoringsession:service', 'webservice/rest:use', 'moodle/user:manageownfiles'];

    /**
     * What keeps it out, as far as it is to be seen from here.
     *
     * @param bool $unreached whether the service was just refused: then limits to addresses count too
     * @return array[] words (strings account_...) with what they name
     */
    public static function faults(bool $unreached): array {
        global $CFG, $DB;
        $user = $DB->get_record('user', [
            'username' => pairing::NAME, 'mnethostid' => $CFG->mnet_localhost_id, 'deleted' => 0,
        ], 'id, auth, suspended, confirmed');
        $service = $DB->get_record('external_services', ['shortname' => pairing::NAME]);
        if (!$user || !$service) {
            return [['gone', '']];
        }
        $faults = [];
        if ($user->suspended || !$user->confirmed || $user->auth === 'nologin') {
            $faults[] = ['suspended', pairing::NAME];
        }
        if (!$service->enabled || !$service->uploadfiles) {
            $faults[] = ['serviceoff', $service->name];
        }
        foreach (self::CAPABILITIES as $capability) {
            if (!has_capability($capability, \context_system::instance(), $user->id)) {
                $faults[] = ['capability', $capability];
            }
        }
        $where = ['externalserviceid' => $service->id, 'userid' => $user->id];
        $allowed = $DB->get_record('external_services_users', $where);
        $tokens = $DB->get_records('external_tokens', $where);
        if (!$tokens) {
            $faults[] = ['notoken', ''];
        }
        if ($service->restrictedusers && !$allowed) {
            $faults[] = ['notallowed', pairing::NAME];
        }
        foreach (array_filter([...$tokens, $allowed]) as $limits) {
            if ($limits->validuntil && $limits->validuntil < time()) {
                $faults[] = ['expired', userdate($limits->validuntil)];
            }
            if ($limits->iprestriction && $unreached) {
                $faults[] = ['limited', $limits->iprestriction];
            }
        }
        return $faults;
    }
}
