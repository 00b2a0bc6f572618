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

namespace mod_monitoringsession\tests;

use mod_monitoringsession\local\signing;

/**
 * The contract's schemas and golden exchanges, as the tests of this side read them.
 *
 * Checks the part of JSON Schema that the contract uses, and refuses to check by a schema that uses anything else: a rule
 * that is not understood must not pass for one that is kept.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class contract {
    /** @var string[] keywords that say nothing about a value */
    private const SILENT = ['$schema', '$defs', 'title', 'description', 'then', 'reserved', 'reserved_values'];

    /** @var array<string, \stdClass> schemas by file name */
    private static array $schemas = [];

    /**
     * The folder of the contract: MOODLE_BRIDGE_CONTRACT, or where it lies in the project's own tree.
     *
     * @return string empty when it is not there
     */
    public static function folder(): string {
        $folder = getenv('MOODLE_BRIDGE_CONTRACT') ?: __DIR__ . '/../../../../moodle_bridge/contract';
        return is_dir("$folder/golden") ? $folder : '';
    }

    /**
     * The golden exchanges.
     *
     * @return \stdClass[] by name, each with schema and either function, parameters, answer or request, signed_with, answer
     */
    public static function exchanges(): array {
        $found = [];
        foreach (glob(self::folder() . '/golden/*.json') as $file) {
            $exchange = json_decode(file_get_contents($file), false, 512, JSON_THROW_ON_ERROR);
            if (is_object($exchange) && isset($exchange->schema)) {
                $found[basename($file, '.json')] = $exchange;
            }
        }
        return $found;
    }

    /**
     * Messages with everything in them that the contract reserves.
     *
     * @return \stdClass[] each with schema, message, and part unless it is a content
     */
    public static function reserved(): array {
        return json_decode(file_get_contents(self::folder() . '/golden/reserved.json'), false, 512, JSON_THROW_ON_ERROR)->messages;
    }

    /**
     * What is wrong with a message.
     *
     * @param string $name of the schema
     * @param mixed $value decoded with objects as objects
     * @param string $part request, answer or empty for a schema of content
     * @return string[] one line for each fault
     */
    public static function faults(string $name, $value, string $part = ''): array {
        $reference = "$name.schema.json" . ($part === '' ? '' : "#/\$defs/$part");
        return self::check(self::resolve($reference, ''), $value, '', "$name.schema.json");
    }

    /**
     * The schema a reference names.
     *
     * @param string $reference
     * @param string $here file of the schema that refers
     * @return \stdClass
     */
    private static function resolve(string $reference, string $here): \stdClass {
        [$file, $path] = explode('#', $reference, 2) + [1 => ''];
        $file = $file ?: $here;
        self::$schemas[$file] ??= json_decode(file_get_contents(self::folder() . "/$file"), false, 512, JSON_THROW_ON_ERROR);
        $found = self::$schemas[$file];
        foreach (array_filter(explode('/', $path), fn($step) => $step !== '') as $step) {
            $found = $found->{$step} ?? throw new \coding_exception("There is no $reference");
        }
        return $found;
    }

    /**
     * Checks a value by a schema.
     *
     * @param \stdClass|bool $schema
     * @param mixed $value
     * @param string $place
     * @param string $file of the schema
     * @return string[] faults
     */
    private static function check($schema, $value, string $place, string $file): array {
        if (is_bool($schema)) {
            return $schema ? [] : ["$place: must not be there"];
        }
        $faults = [];
        foreach ((array)$schema as $keyword => $rule) {
            $faults = array_merge($faults, self::keyword((string)$keyword, $rule, $schema, $value, $place, $file));
        }
        return $faults;
    }

    /**
     * Checks a value by one keyword.
     *
     * @param string $keyword
     * @param mixed $rule
     * @param \stdClass $schema
     * @param mixed $value
     * @param string $place
     * @param string $file
     * @return string[] faults
     */
    private static function keyword(string $keyword, $rule, \stdClass $schema, $value, string $place, string $file): array {
        $inner = fn($one, $part, string $at) => self::check($one, $part, $at, $file);
        $fault = fn(bool $kept) => $kept ? [] : ["$place: breaks $keyword"];
        $each = fn($parts, $one) => $parts ? array_merge(...array_map(
            fn($key, $part) => $inner($one, $part, "$place/$key"),
            array_keys($parts),
            array_values($parts)
        )) : [];
        $properties = is_object($value) ? get_object_vars($value) : [];
        $number = is_int($value) || is_float($value);
        switch ($keyword) {
            case '$ref':
                [$target] = explode('#', $rule, 2);
                return self::check(self::resolve($rule, $file), $value, $place, $target ?: $file);
            case 'type':
                return $fault((bool)array_intersect(self::types($value), (array)$rule));
            case 'const':
                return $fault($value === $rule);
            case 'enum':
                return $fault(in_array($value, $rule, true));
            case 'pattern':
                return $fault(!is_string($value) || preg_match('~' . str_replace('~', '\~', $rule) . '~u', $value) === 1);
            case 'minLength':
                return $fault(!is_string($value) || \core_text::strlen($value) >= $rule);
            case 'maxLength':
                return $fault(!is_string($value) || \core_text::strlen($value) <= $rule);
            case 'minimum':
                return $fault(!$number || $value >= $rule);
            case 'maximum':
                return $fault(!$number || $value <= $rule);
            case 'minItems':
                return $fault(!is_array($value) || count($value) >= $rule);
            case 'maxItems':
                return $fault(!is_array($value) || count($value) <= $rule);
            case 'uniqueItems':
                return $fault(!is_array($value) || count($value) === count(array_unique(array_map('json_encode', $value))));
            case 'required':
                return $fault(!is_object($value) || !array_diff($rule, array_keys($properties)));
            case 'properties':
                $faults = [];
                foreach (array_intersect_key($properties, (array)$rule) as $key => $part) {
                    $faults = array_merge($faults, $inner($rule->{$key}, $part, "$place/$key"));
                }
                return $faults;
            case 'additionalProperties':
                return $each(array_diff_key($properties, (array)($schema->properties ?? [])), $rule);
            case 'propertyNames':
                return $each(array_combine(array_keys($properties), array_map('strval', array_keys($properties))), $rule);
            case 'prefixItems':
                $faults = [];
                foreach (is_array($value) ? array_slice($value, 0, count($rule)) : [] as $index => $part) {
                    $faults = array_merge($faults, $inner($rule[$index], $part, "$place/$index"));
                }
                return $faults;
            case 'items':
                return $each(is_array($value) ? array_slice($value, count($schema->prefixItems ?? []), null, true) : [], $rule);
            case 'allOf':
                return array_merge(...array_map(fn($one) => $inner($one, $value, $place), $rule));
            case 'oneOf':
                return $fault(count(array_filter($rule, fn($one) => !$inner($one, $value, $place))) === 1);
            case 'if':
                return $inner($rule, $value, $place) ? [] : $inner($schema->then, $value, $place);
            default:
                return in_array($keyword, self::SILENT) ? [] : throw new \coding_exception("Unknown keyword $keyword in $file");
        }
    }

    /**
     * The names JSON Schema has for the type of a value.
     *
     * @param mixed $value
     * @return string[]
     */
    private static function types($value): array {
        return match (true) {
            $value === null => ['null'],
            is_bool($value) => ['boolean'],
            is_int($value) => ['integer', 'number'],
            is_float($value) => floor($value) === $value ? ['integer', 'number'] : ['number'],
            is_string($value) => ['string'],
            is_array($value) => ['array'],
            default => ['object'],
        };
    }

    /**
     * What is wrong with the signature and the headers of a request.
     *
     * @param array $request as heard
     * @param string $key
     * @return string[]
     */
    public static function signature_faults(array $request, string $key): array {
        $headers = $request['headers'];
        $id = $headers['webhook-id'] ?? '';
        $time = (int)($headers['webhook-timestamp'] ?? 0);
        return array_keys(array_filter([
            'content-type' => ($headers['content-type'] ?? '') !== 'application/json',
            'webhook-id' => !preg_match('/^msg_[0-9a-f]{32}$/', $id),
            'webhook-timestamp' => abs(time() - $time) >= 60,
            'webhook-signature' => ($headers['webhook-signature'] ?? '') !== signing::signature($key, $id, $time, $request['body']),
            'authorization' => isset($headers['authorization']),
            'cookie' => isset($headers['cookie']),
        ]));
    }
}
