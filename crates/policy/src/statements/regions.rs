//! Statements about a region as a whole: pooling levels, one rule for its cities, the funds of the benefit list, one window.

use domain::{Basis, Severity};

use super::{Check, Finding, Verdict};
use crate::region::Region;
use crate::registry::COMMON;
use crate::terms::Cited;
use crate::value::Record;

impl<'l> Check<'_, 'l> {
    /// Assistance is pooled at the level of basic insurance.
    pub(super) fn same_pooling(&self) -> Verdict {
        let region = self.terms.region;
        let (Some(basic), Some(assistance)) = (&region.pooling.0, &region.pooling.1) else {
            return Err(self.note(format!("{} 没有写 pooling，无法核对", region.name)));
        };
        if basic == assistance {
            return Ok(Vec::new());
        }
        let message = format!("{}：基本医保按 {basic} 统筹，医疗救助按 {assistance}", region.name);
        Ok(vec![self.wrong(Severity::Warning, &region.place, Basis::Stated, message)])
    }

    /// All cities below the region that says so have the same value.
    pub(super) fn same_in_cities(&self) -> Verdict {
        let key = self.cited.provision.record.text("what").ok_or_else(|| self.note("没有写 what，无法核对"))?;
        let mut values: Vec<(&Region, Cited<'l>, String)> = Vec::new();
        for city in self.cities() {
            // A test's figures stand for the region it is about, not for its neighbours.
            let overlay = self.terms.view.overlay.filter(|_| city.slug == self.terms.region.slug);
            let view = crate::terms::View { overlay, ..self.terms.view.clone() };
            if let Ok(cited) = self.terms.library.terms(city, self.terms.day, &view).get(key) {
                values.push((city, cited, value(&cited.provision.record)));
            }
        }
        let Some((first, base, value)) =
            values.iter().find(|(city, ..)| city.slug != self.terms.region.slug).or(values.first())
        else {
            return Err(self.note(format!("缺数，无法核对：各市都没有 `{key}`")));
        };
        let differs = |(city, cited, other): &(&Region, Cited<'l>, String)| {
            let basis = cited.provision.basis.max(base.provision.basis);
            let message = format!("`{key}` {}（{}）与{}（{}）不同", city.name, other.trim(), first.name, value.trim());
            (other != value).then(|| self.wrong(Severity::Error, &cited.provision.place, basis, message))
        };
        Ok(values.iter().filter_map(differs).collect())
    }

    /// A district has what its city has, wherever it sets anything of its own.
    pub(super) fn same_as_city(&self) -> Verdict {
        let key = self.cited.provision.record.text("what").ok_or_else(|| self.note("没有写 what，无法核对"))?;
        let (library, district) = (self.terms.library, self.terms.region);
        let above = library.chain(district).into_iter().find(|above| Some(&above.slug) == district.parent.as_ref());
        // A city of its own stands right below the region that speaks, and has nobody to agree with.
        let Some(city) = above.filter(|city| city.slug != self.cited.notice.region && city.parent.is_some()) else {
            return Ok(Vec::new());
        };
        let view = crate::terms::View { overlay: None, ..self.terms.view.clone() };
        let of_city = library.terms(city, self.terms.day, &view);
        let (own, theirs) = (self.get(self.terms, key)?, self.get(&of_city, key)?);
        let (here, there) = (value(&own.provision.record), value(&theirs.provision.record));
        if here == there {
            return Ok(Vec::new());
        }
        let message = format!("`{key}` {}（{here}）与所在的{}（{there}）不同", district.name, city.name);
        let basis = own.provision.basis.max(theirs.provision.basis);
        Ok(vec![self.wrong(Severity::Error, &own.provision.place, basis, message)])
    }

    /// The regions below the one whose notice speaks; that region itself where it has none below.
    fn cities(&self) -> Vec<&'l Region> {
        let library = self.terms.library;
        let speaks = &self.cited.notice.region;
        let own = if speaks.is_empty() { &self.terms.region.slug } else { speaks };
        let below =
            |region: &&Region| region.slug != *own && library.chain(region).iter().any(|above| above.slug == *own);
        let cities: Vec<&Region> = library.regions.values().filter(below).collect();
        if cities.is_empty() { library.regions.get(own).into_iter().collect() } else { cities }
    }

    /// Only funds of the list pay.
    pub(super) fn on_list(&self) -> Verdict {
        let listed = self.cited.provision.record.texts("payers");
        let stages =
            self.terms.family("stage.").filter_map(|(rest, cited)| Some((rest.strip_suffix(".shape")?, cited)));
        let off_list = stages.filter_map(|(id, cited)| {
            let payer = cited.provision.record.text("payer").filter(|payer| !listed.contains(payer))?;
            let name = cited.provision.record.text("name").unwrap_or(id);
            let message = format!("`stage.{id}`（{name}）由清单外的 {payer} 支付");
            Some(self.wrong(Severity::Error, &cited.provision.place, cited.provision.basis, message))
        });
        Ok(off_list.collect::<Vec<Finding>>())
    }

    /// Stages that these funds pay have a name of the list.
    pub(super) fn named_on_list(&self) -> Verdict {
        let record = &self.cited.provision.record;
        let (payers, names) = (record.texts("payers"), record.texts("names"));
        if names.is_empty() {
            return Err(self.note("没有录入清单所列的名称 (names)，无法核对"));
        }
        let stages =
            self.terms.family("stage.").filter_map(|(rest, cited)| Some((rest.strip_suffix(".shape")?, cited)));
        let misnamed = stages.filter_map(|(id, cited)| {
            let of_these = cited.provision.record.text("payer").is_some_and(|payer| payers.contains(&payer));
            let name = cited.provision.record.text("name").unwrap_or(id);
            let message = format!("`stage.{id}` 的名称 “{name}” 不在清单内（{}）", names.join("、"));
            let basis = cited.provision.basis.max(self.cited.provision.basis);
            let wrong = of_these && !names.contains(&name);
            wrong.then(|| self.wrong(Severity::Error, &cited.provision.place, basis, message))
        });
        Ok(misnamed.collect())
    }

    /// One concentrated period for an insured year, not two.
    pub(super) fn one_window(&self) -> Verdict {
        let key = "enrolment.window";
        let held = self.get(self.terms, key)?;
        let rivals = held.notice.provisions.iter().filter(|other| {
            let same_start = other.key == key && other.period.from == held.provision.period.from;
            same_start && other.period.contains(self.terms.day) && other.place != held.provision.place
        });
        let message = |other: &crate::notice::Provision| {
            format!("{} 的集中参保期有两个，另一个在 {}", self.terms.day.year(), other.place)
        };
        let finding = |other| self.wrong(Severity::Error, &held.provision.place, held.provision.basis, message(other));
        Ok(rivals.map(finding).collect())
    }
}

/// What a provision sets, in words: its own fields without clause, period and source.
fn value(record: &Record) -> String {
    let own = record.iter().filter(|(name, _)| COMMON.iter().all(|common| common.name != *name));
    let words: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
    words.join("，")
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::{found, found_in};

    #[test]
    fn funds_off_the_list_are_named() {
        let found = found(
            "[[stage.gift.shape]]\nclause='T-1'\nname='意外险'\npayer='accident'\nlayer='other'\norder=9\nbase='burden'\nmeasure='visit'
            [[check.list]]\nclause='T-2'\nkind='on-list'\npayers=['basic','assistance']\n",
        );
        assert!(found.iter().any(|f| f.starts_with("error list") && f.contains("accident")), "{found:?}");
    }

    #[test]
    fn names_off_the_list_are_named() {
        let found = |names: &str| {
            found(&format!(
                "[[stage.gift.shape]]\nclause='T-1'\nname='惠民保'\npayer='supplement'\nlayer='other'\norder=9\nbase='burden'\nmeasure='visit'
                [[stage.basic.shape]]\nclause='T-1'\nname='住院'\npayer='basic'\nlayer='basic'\norder=1\nbase='in-scope'\nmeasure='visit'
                [[check.named]]\nclause='T-2'\nkind='named-on-list'\npayers=['supplement','catastrophic']\n{names}\n"
            ))
        };
        assert_eq!(found("names=['惠民保']"), Vec::<String>::new());
        let wrong = found("names=['大病保险']");
        assert!(wrong.len() == 1 && wrong[0].starts_with("error named") && wrong[0].contains("惠民保"), "{wrong:?}");
        assert!(found("")[0].starts_with("note named"));
    }

    #[test]
    fn pooling_levels_are_compared() {
        let check = "[[check.pooling]]\nclause='T-2'\nkind='same-pooling'\n";
        assert!(found(check)[0].contains("基本医保按 province 统筹，医疗救助按 city"));
    }

    #[test]
    fn a_city_that_goes_its_own_way_is_named() {
        let province = "[[check.same]]\nclause='T-2'\nkind='same-in-cities'\nwhat='stage.special.bands'\n";
        let bands = |ratio: &str| format!("[[stage.special.bands]]\nclause='T-1'\nrows=[{{ ratio='{ratio}' }}]\n");
        let east = |ratio: &str| found_in("east", province, &[("east", &bands(ratio)), ("west", &bands("70%"))]);
        assert!(east("60%").iter().any(|f| f.starts_with("error same") && f.contains("60%")), "{:?}", east("60%"));
        assert_eq!(east("70%").iter().filter(|f| f.contains("same")).count(), 0);
        let window =
            |closes: &str| format!("[[enrolment.window]]\nclause='T-1'\nopens_day='10-01'\ncloses_day='{closes}'\n");
        let windows = province.replace("stage.special.bands", "enrolment.window");
        let later = found_in("east", &windows, &[("east", &window("12-31")), ("west", &window("11-30"))]);
        assert!(later.iter().any(|f| f.contains("closes_day=12-31") && f.contains("closes_day=11-30")), "{later:?}");
    }

    #[test]
    fn two_windows_for_a_year_are_one_too_many() {
        let window = |opens: &str, closes: &str| {
            format!("[[enrolment.window]]\nclause='T-1'\nyear=2023\nopens={opens}\ncloses={closes}\n")
        };
        let check = "[[check.window]]\nclause='T-2'\nkind='one-window'\n";
        let one = window("2022-09-01", "2022-10-31");
        assert_eq!(found(&format!("{one}{check}")), Vec::<String>::new());
        assert!(found(check)[0].starts_with("note window"));
    }
}
