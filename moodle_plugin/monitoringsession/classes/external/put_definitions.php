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

namespace mod_monitoringsession\external;

use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\versions;

/**
 * Stores the forms, per instrument, version and language.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class put_definitions extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'definitions' => new external_multiple_structure(new external_single_structure([
                'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
                'version' => self::text('Version of the instrument'),
                'language' => new external_value(PARAM_ALPHA, 'Language'),
                'sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the content'),
                'content' => self::text('definition.schema.json'),
            ])),
        ]);
    }

    /**
     * Stores definitions.
     *
     * @param int $contract
     * @param array $definitions
     * @return array
     */
    public static function execute(int $contract, array $definitions): array {
        global $DB;
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'definitions'));
        self::admit($params['contract']);
        $transaction = $DB->start_delegated_transaction();
        // Sessions that have no versions yet have used what was here until now.
        versions::settle();
        $known = versions::newest();
        $stored = 0;
        $another = false;
        foreach ($params['definitions'] as $one) {
            $fresh = !$DB->record_exists('monitoringsession_definition', [
                'instrument' => $one['instrument'],
                'version' => $one['version'],
            ]);
            $another = $another || $fresh && isset($known[$one['instrument']]);
            $stored += (int)definition::store($one);
        }
        versions::settle();
        definition::give_to_sessions_without();
        if ($another) {
            // From now on it matters which version each session uses.
            foreach ($DB->get_fieldset_select('monitoringsession', 'uuid', '1 = 1') as $uuid) {
                changes::record('session', 'saved', $uuid, $uuid);
            }
        }
        $transaction->allow_commit();
        return ['stored' => $stored, 'same' => count($params['definitions']) - $stored];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'stored' => new external_value(PARAM_INT, 'New or changed'),
            'same' => new external_value(PARAM_INT, 'Known already'),
        ]);
    }
}
