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
 * Pairing with the service: makes the account, role, external service and token it needs, and takes them back.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class pairing {
    /** @var string short name of the role, the external service and the account */
    public const NAME = 'monitoringsession_service';

    /** @var string[] functions of the external service */
    public const FUNCTIONS = [
        'get_changes', 'get_submissions', 'get_participants', 'put_definitions', 'put_personal', 'put_summary',
        'store_document', 'list_documents', 'report_problem', 'put_set_aside',
    ];

    /** @var string[] what a pairing stores */
    private const SETTINGS = [
        'serviceurl', 'secret', 'service', 'servicerelease', 'pairedsite', 'pairedtime', 'lastrefusal', 'pauseuntil',
        'watched', 'alarms',
    ];

    /**
     * Whether this site is paired, and is not a clone of the one that was.
     *
     * @return bool
     */
    public static function active(): bool {
        global $CFG;
        $config = get_config('mod_monitoringsession');
        return !empty($config->secret) && !empty($config->serviceurl) && ($config->pairedsite ?? '') === $CFG->wwwroot;
    }

    /**
     * Whether the pairing stored here belongs to another address: this is a copy of that site and stays silent.
     *
     * @return bool
     */
    public static function cloned(): bool {
        $config = get_config('mod_monitoringsession');
        return !empty($config->secret) && !self::active();
    }

    /**
     * Pairs this site with a service.
     *
     * @param string $url of the service
     * @param string $code the one-time code it printed
     * @return reply the service's answer; nothing is left behind when it refused
     */
    public static function pair(string $url, string $code): reply {
        global $CFG, $DB;
        $url = rtrim($url, '/');
        $before = (array)get_config('mod_monitoringsession');
        $token = self::provision();
        $message = json::encode([
            'contract' => service::CONTRACT,
            'site' => $CFG->wwwroot,
            'site_name' => \core_text::substr(format_string(get_site()->fullname, true, ['escape' => false]), 0, 200),
            'language' => texts::language($CFG->lang),
            'moodle_release' => preg_replace('/ .*/', '', $CFG->release),
            'plugin_release' => self::release(),
            'token' => $token->token,
        ]);
        $reply = service::post($url, '/api/pair', signing::key_of_code($code), signing::new_id(), $message, 20);
        $secret = $reply->body['secret'] ?? '';
        if (!$reply->accepted() || !is_string($secret) || !preg_match('~^whsec_[A-Za-z0-9+/=]{44,}$~', $secret)) {
            $DB->delete_records('external_tokens', ['id' => $token->id]);
            if (empty($before['secret'])) {
                self::deprovision();
            }
            return $reply->accepted() ? new reply(0, [], get_string('errornotservice', 'mod_monitoringsession')) : $reply;
        }
        foreach (
            [
                'serviceurl' => $url,
                'secret' => $secret,
                'service' => clean_param($reply->body['service'] ?? '', PARAM_ALPHANUMEXT),
                'servicerelease' => clean_param($reply->body['release'] ?? '', PARAM_TEXT),
                'pairedsite' => $CFG->wwwroot,
                'pairedtime' => time(),
                'lastrefusal' => '',
                'pauseuntil' => 0,
            ] as $name => $value
        ) {
            set_config($name, $value, 'mod_monitoringsession');
        }
        $DB->delete_records_select(
            'external_tokens',
            'externalserviceid = ? AND id <> ?',
            [$token->externalserviceid, $token->id]
        );
        return $reply;
    }

    /**
     * Ends the pairing, tells the service, and takes back what pairing made. Answers and documents stay.
     *
     * @return reply|null the service's answer, null when there was no pairing to end
     */
    public static function unpair(): ?reply {
        global $DB;
        // A clone must not end the pairing of the site it was copied from.
        $reply = self::active() ? service::call('/api/unpair', [], 5) : null;
        self::deprovision();
        foreach (self::SETTINGS as $name) {
            unset_config($name, 'mod_monitoringsession');
        }
        $DB->delete_records('monitoringsession_outbox');
        $DB->delete_records('task_adhoc', ['component' => 'mod_monitoringsession']);
        return $reply;
    }

    /**
     * Makes role, account, external service and a fresh token; switches on web services and REST.
     *
     * @return \stdClass row of external_tokens
     */
    private static function provision(): \stdClass {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/user/lib.php');
        require_once($CFG->dirroot . '/webservice/lib.php');
        $context = \context_system::instance();

        if (!$CFG->enablewebservices) {
            set_config('enablewebservices', 1);
            set_config('madewebservices', 1, 'mod_monitoringsession');
        }
        $protocols = array_filter(explode(',', (string)get_config('core', 'webserviceprotocols')));
        if (!in_array('rest', $protocols)) {
            set_config('webserviceprotocols', implode(',', array_merge($protocols, ['rest'])));
            set_config('maderest', 1, 'mod_monitoringsession');
        }

        $roleid = $DB->get_field('role', 'id', ['shortname' => self::NAME]);
        if (!$roleid) {
            $roleid = create_role(
                get_string('servicename', 'mod_monitoringsession'),
                self::NAME,
                get_string('servicerole', 'mod_monitoringsession')
            );
            set_role_contextlevels($roleid, [CONTEXT_SYSTEM]);
        }
        foreach (service_account::CAPABILITIES as $capability) {
            assign_capability($capability, CAP_ALLOW, $roleid, $context->id, true);
        }

        $userid = $DB->get_field('user', 'id', ['username' => self::NAME, 'mnethostid' => $CFG->mnet_localhost_id, 'deleted' => 0]);
        if (!$userid) {
            $userid = user_create_user((object)[
                'username' => self::NAME,
                'auth' => 'webservice',
                'confirmed' => 1,
                'policyagreed' => 1,
                'mnethostid' => $CFG->mnet_localhost_id,
                'firstname' => get_string('servicename', 'mod_monitoringsession'),
                'lastname' => 'Moodle Bridge',
                'email' => self::NAME . '@invalid.invalid',
                'emailstop' => 1,
                'description' => '',
            ], false, false);
        }
        role_assign($roleid, $userid, $context->id);
        $context->mark_dirty();

        $manager = new \webservice();
        $service = $DB->get_record('external_services', ['shortname' => self::NAME]);
        if (!$service) {
            $id = $manager->add_external_service((object)[
                'name' => get_string('servicename', 'mod_monitoringsession'),
                'shortname' => self::NAME,
                'enabled' => 1,
                'restrictedusers' => 1,
                'requiredcapability' => 'mod/monitoringsession:service',
                'uploadfiles' => 1,
                'downloadfiles' => 0,
                'component' => null,
            ]);
            $service = $DB->get_record('external_services', ['id' => $id], '*', MUST_EXIST);
        }
        foreach (self::FUNCTIONS as $function) {
            if (!$manager->service_function_exists("mod_monitoringsession_$function", $service->id)) {
                $manager->add_external_function_to_service("mod_monitoringsession_$function", $service->id);
            }
        }
        if (!$DB->record_exists('external_services_users', ['externalserviceid' => $service->id, 'userid' => $userid])) {
            $manager->add_ws_authorised_user((object)['externalserviceid' => $service->id, 'userid' => $userid]);
        }
        // What an administrator has limited stays limited.
        $limits = (string)$DB->get_field_sql(
            "SELECT MAX(iprestriction) FROM {external_tokens} WHERE externalserviceid = ? AND userid = ?",
            [$service->id, $userid]
        );
        $token = \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $service, $userid, $context, 0, $limits);
        return $DB->get_record('external_tokens', ['token' => $token], '*', MUST_EXIST);
    }

    /**
     * Takes back what provision() made, and only that.
     */
    private static function deprovision(): void {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/user/lib.php');
        require_once($CFG->dirroot . '/webservice/lib.php');
        $service = $DB->get_record('external_services', ['shortname' => self::NAME]);
        if ($service) {
            (new \webservice())->delete_service($service->id);
        }
        $user = $DB->get_record('user', ['username' => self::NAME, 'mnethostid' => $CFG->mnet_localhost_id, 'deleted' => 0]);
        if ($user) {
            $DB->delete_records('external_tokens', ['userid' => $user->id]);
            delete_user($user);
        }
        $roleid = $DB->get_field('role', 'id', ['shortname' => self::NAME]);
        if ($roleid) {
            delete_role($roleid);
        }
        // Others may have begun to use web services since: then they stay on.
        $alone = !$DB->record_exists('external_tokens', ['tokentype' => EXTERNAL_TOKEN_PERMANENT]);
        if (get_config('mod_monitoringsession', 'maderest') && $alone) {
            $protocols = array_diff(explode(',', (string)get_config('core', 'webserviceprotocols')), ['rest']);
            set_config('webserviceprotocols', implode(',', $protocols));
        }
        if (get_config('mod_monitoringsession', 'madewebservices') && $alone) {
            set_config('enablewebservices', 0);
        }
        unset_config('maderest', 'mod_monitoringsession');
        unset_config('madewebservices', 'mod_monitoringsession');
    }

    /**
     * The release of this plugin.
     *
     * @return string
     */
    public static function release(): string {
        return (string)\core_plugin_manager::instance()->get_plugin_info('mod_monitoringsession')->release;
    }
}
