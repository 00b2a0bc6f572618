<?php
// Calls every web-service function of the service as somebody without its capability. What they touch of Moodle on the
// way in is stood in for below; whoever gets further than the capability finds no database.
namespace core_external {
    class external_api {
        public static function validate_parameters($description, $params) {
            return $params;
        }

        public static function validate_context($context): void {
        }
    }
    class external_function_parameters {
        public function __construct(public array $keys = []) {
        }
    }
    class external_multiple_structure {
        public function __construct(public $content = null) {
        }
    }
    class external_single_structure {
        public function __construct(public array $keys = []) {
        }
    }
    class external_value {
        public function __construct(public $type = null) {
        }
    }
}

namespace {
    define('MOODLE_INTERNAL', true);
    foreach (['INT', 'ALPHA', 'ALPHANUMEXT', 'ALPHANUM', 'ALPHAEXT', 'RAW', 'BOOL', 'TEXT', 'FILE', 'URL'] as $type) {
        define("PARAM_$type", $type);
    }
    define('VALUE_DEFAULT', 0);
    define('VALUE_OPTIONAL', 2);
    define('NULL_ALLOWED', true);
    class context_system {
        public static function instance() {
            return new self();
        }
    }
    class moodle_exception extends Exception {
        public function __construct(public string $errorcode) {
            parent::__construct($errorcode);
        }
    }
    class refused extends Exception {
    }
    function require_capability(string $capability, $context): void {
        throw new refused($capability);
    }

    $plugin = __DIR__ . '/../../moodle_plugin/monitoringsession';
    spl_autoload_register(function (string $class) use ($plugin) {
        $file = "$plugin/classes/" . str_replace('\\', '/', preg_replace('/^mod_monitoringsession\\\\/', '', $class)) . '.php';
        if (is_file($file)) {
            require($file);
        }
    });
    require("$plugin/db/services.php");
    $found = [];
    foreach ($functions as $name => $function) {
        if ($function['capabilities'] !== 'mod/monitoringsession:service') {
            continue;
        }
        $arguments = [];
        foreach ((new ReflectionMethod($function['classname'], 'execute'))->getParameters() as $parameter) {
            $blank = ['int' => 0, 'array' => [], 'string' => '', 'bool' => false];
            $arguments[] = $blank[(string)$parameter->getType()] ?? null;
        }
        try {
            $function['classname']::execute(...$arguments);
            $found[$name] = 'answered';
        } catch (Throwable $error) {
            $found[$name] = get_class($error) . ' ' . $error->getMessage();
        }
    }
    echo json_encode($found, JSON_THROW_ON_ERROR);
}
