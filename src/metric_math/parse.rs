//! The grammar: levels of operators, and operands.

use super::compile::{Compiler, Value};
use super::evaluate::Operator;
use super::functions;
use super::token::{self, Lexeme, Token};

/// The longest expression: `MetricDataQuery` of CloudWatch.
const LONGEST_EXPRESSION_CHARACTERS: usize = 2_048;

/// How deep brackets may stand in each other. Far more than anybody writes, and far less than the stack holds.
const DEEPEST: usize = 100;

/// What is wrong inside an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    /// The character, from 1; none until the operator or function to which it belongs gives its own.
    pub(super) column: Option<usize>,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into(), remedy: None }
    }

    /// With a place, unless it has one.
    pub(super) fn at(mut self, column: usize) -> Self {
        self.column = self.column.or(Some(column));
        self
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// The tokens of an expression that is not too long.
pub(super) fn tokens_of(expression: &str) -> Result<Vec<Token>, Problem> {
    let length = expression.chars().count();
    if length > LONGEST_EXPRESSION_CHARACTERS {
        let message = format!("the expression has {length} characters, {LONGEST_EXPRESSION_CHARACTERS} are allowed");
        return Err(Problem::new(message).at(LONGEST_EXPRESSION_CHARACTERS + 1));
    }
    token::tokens(expression)
}

/// Whether somebody wrote a logical operator in lower case.
pub(super) fn is_operator_in_lower_case(name: &str) -> bool {
    matches!(name, "and" | "or")
}

/// Reads a whole expression, of which these are the tokens. All that it names has its value.
pub(super) fn expression(expression: &str, tokens: &[Token], compiler: &mut Compiler) -> Result<Value, Problem> {
    let mut parser = Parser { tokens, end_column: expression.chars().count() + 1, next: 0, depth: 0, compiler };
    let value = parser.expression(Level::Or)?;
    match parser.peek() {
        None => Ok(value),
        Some(token) => Err(not_an_operator(token)),
    }
}

fn not_an_operator(token: &Token) -> Problem {
    let problem = Problem::new(format!("expected an operator, found {}", token.lexeme.shown())).at(token.column);
    match &token.lexeme {
        Lexeme::Id(name) if is_operator_in_lower_case(name) => problem.remedy(format!("write {}", name.to_ascii_uppercase())),
        _ => problem,
    }
}

/// How tightly operators bind, from the loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Power,
}

impl Level {
    const fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Comparison,
            Self::Comparison => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Power => Self::Power,
        }
    }
}

fn operator(lexeme: &Lexeme) -> Option<(Level, Operator)> {
    let text = match lexeme {
        Lexeme::Sign(sign) => sign,
        Lexeme::Word(word) => word.as_str(),
        _ => return None,
    };
    Some(match text {
        "OR" | "||" => (Level::Or, Operator::Or),
        "AND" | "&&" => (Level::And, Operator::And),
        "==" => (Level::Comparison, Operator::Equal),
        "!=" => (Level::Comparison, Operator::NotEqual),
        "<" => (Level::Comparison, Operator::Less),
        ">" => (Level::Comparison, Operator::Greater),
        "<=" => (Level::Comparison, Operator::LessOrEqual),
        ">=" => (Level::Comparison, Operator::GreaterOrEqual),
        "+" => (Level::Sum, Operator::Add),
        "-" => (Level::Sum, Operator::Subtract),
        "*" => (Level::Product, Operator::Multiply),
        "/" => (Level::Product, Operator::Divide),
        "^" => (Level::Power, Operator::Power),
        _ => return None,
    })
}

/// A walk through the tokens of one expression.
pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    end_column: usize,
    next: usize,
    depth: usize,
    pub(super) compiler: &'a mut Compiler,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    /// The next token, taken.
    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// The next lexeme, taken when it passes the test.
    pub(super) fn take_if(&mut self, passes: impl Fn(&Lexeme) -> bool) -> Option<Lexeme> {
        let lexeme = self.peek().map(|token| token.lexeme.clone()).filter(passes)?;
        self.next += 1;
        Some(lexeme)
    }

    /// Whether the next lexeme is this sign, which is then taken.
    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let is_next = self.peek().is_some_and(|token| matches!(token.lexeme, Lexeme::Sign(found) if found == sign));
        self.next += usize::from(is_next);
        is_next
    }

    /// The next lexeme must be this sign.
    pub(super) fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.takes(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    /// The fault of something else than what should come next.
    pub(super) fn expected(&self, what: &str) -> Problem {
        match self.peek() {
            Some(token) => Problem::new(format!("expected {what}, found {}", token.lexeme.shown())).at(token.column),
            None => Problem::new(format!("expected {what}, found the end")).at(self.end_column),
        }
    }

    /// Operands joined by operators of this level or tighter.
    fn expression(&mut self, loosest: Level) -> Result<Value, Problem> {
        self.depth += 1;
        let column = self.peek().map_or(1, |token| token.column);
        if self.depth > DEEPEST {
            return Err(Problem::new(format!("the expression is nested more than {DEEPEST} deep")).at(column));
        }
        if self.compiler.is_too_large() {
            return Err(Problem::new("the expressions ask for too many operations on arrays").at(column));
        }
        let mut left = self.operand()?;
        let mut is_compared = false;
        while let Some(token) = self.peek() {
            let Some((level, operator)) = operator(&token.lexeme).filter(|(level, _)| *level >= loosest) else { break };
            let column = token.column;
            if level == Level::Comparison && is_compared {
                return Err(Problem::new("comparisons cannot be chained").at(column).remedy("join them with AND"));
            }
            is_compared = level == Level::Comparison;
            self.next += 1;
            let right = self.expression(level.tighter())?;
            left = self.compiler.combine(operator, left, right).map_err(|problem| problem.at(column))?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Value, Problem> {
        let Some(token) = self.take() else { return Err(self.expected("a value")) };
        match token.lexeme {
            Lexeme::Number(number) => Ok(self.compiler.number(number)),
            Lexeme::Sign("-") => {
                let value = self.expression(Level::Power)?;
                Ok(self.compiler.negate(value))
            }
            Lexeme::Sign("(") => {
                let value = self.expression(Level::Or)?;
                self.expect(")")?;
                Ok(value)
            }
            Lexeme::Sign("[") => {
                let values = self.list("]")?;
                self.compiler.array(values).map_err(|problem| problem.at(token.column))
            }
            Lexeme::Word(word) => functions::call(self, &word, token.column),
            Lexeme::Id(ref name) => match self.compiler.value_of(name) {
                Some(value) => Ok(value.clone()),
                None => Err(functions::not_a_value(name).at(token.column)),
            },
            Lexeme::Sign(_) | Lexeme::Text(_) => {
                self.next -= 1;
                Err(self.expected("a value"))
            }
        }
    }

    /// Values between commas, up to a closing bracket; one at least.
    pub(super) fn list(&mut self, closing: &str) -> Result<Vec<Value>, Problem> {
        let mut values = vec![self.expression(Level::Or)?];
        while self.takes(",") {
            values.push(self.expression(Level::Or)?);
        }
        self.expect(closing)?;
        Ok(values)
    }

    /// One value.
    pub(super) fn value(&mut self) -> Result<Value, Problem> {
        self.expression(Level::Or)
    }
}
